"""What traffic says of the catalog's events: when last seen, how many, how healthy. The catalog writes it down."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, Sum
from django.utils import timezone

from catalog.choices import Environment, Health
from catalog.event_freshness import max_silence
from catalog.models import EventName
from catalog.services.event_projections import EventTraffic, update_event_traffic
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.counts.rollups import event_ids_by_seen_name, window_start
from tracking.traffic.models import SeenName, TrafficCount

HEALTH_WINDOW = timedelta(days=1)
FAILING_SHARE = 0.05
FAILING_VERDICTS = (VerdictChoice.NONCONFORMING, VerdictChoice.RETIRED, VerdictChoice.WRONG_SOURCE)


@dataclass(slots=True)
class EventTotals:
    """What is summed up of one event."""

    last_seen_at: datetime | None = None
    newest_hour: datetime | None = None  # of production
    volume: int = 0
    conforming: int = 0
    failing: int = 0
    warned: int = 0
    has_conformed: bool = False  # in production, by an event whose time can be relied on

    def add(self, verdict: str, count: int, warned: int) -> None:
        """Count events that decide the event's health."""
        self.warned += warned
        if verdict == VerdictChoice.CONFORMING:
            self.conforming += count
        elif verdict in FAILING_VERDICTS:
            self.failing += count

    def as_traffic(self) -> EventTraffic:
        return EventTraffic(
            last_seen_at=self.last_seen_at, volume=self.volume, health=self.health, has_conformed=self.has_conformed
        )

    def is_rare(self, moment: datetime) -> bool:
        """Whether nothing came to production in the last day, which is usual for an event of this volume."""
        is_silent = not (self.conforming or self.failing or self.warned)
        return is_silent and self.newest_hour is not None and moment - self.newest_hour <= max_silence(self.volume)

    @property
    def health(self) -> Health:
        if self.failing > FAILING_SHARE * (self.failing + self.conforming):
            return Health.FAILING
        if self.failing or self.warned:
            return Health.WARNINGS
        return Health.OK if self.conforming else Health.UNKNOWN


def update_projections(seen_name_ids: Iterable[int], *, at: datetime | None = None) -> int:
    """Write what traffic says of the events behind these names, and return how many events those were.

    Health is that of the last 24 hours of production, or of the last 24 hours that had any where an event comes
    more rarely; volume its production events of the last 30 days; last seen looks at every environment.
    """
    now = at or timezone.now()
    events = sorted(set(event_ids_by_seen_name(seen_name_ids).values()))
    if not events:
        return 0
    event_by_seen_name_id = _event_ids_by_seen_name_id(events)
    totals: defaultdict[int, EventTotals] = defaultdict(EventTotals)
    for event_id in events:
        totals[event_id]  # an event that fell silent is written too
    _add_recent_totals(totals, event_by_seen_name_id, now)
    _add_totals_of_rare_events(
        {event_id: event_totals for event_id, event_totals in totals.items() if event_totals.is_rare(now)},
        event_by_seen_name_id,
    )
    update_event_traffic(
        {event_id: event_totals.as_traffic() for event_id, event_totals in sorted(totals.items())}, at=now
    )
    return len(totals)


def update_all_projections(*, at: datetime | None = None) -> int:
    """Do the same for every event that has traffic, so that health and volume of silent ones age too."""
    return update_projections(SeenName.objects.order_by().values_list("pk", flat=True), at=at)


def _event_ids_by_seen_name_id(event_ids: Iterable[int]) -> dict[int, int]:
    """Return the event of each seen name of these events."""
    names = {
        (call, bytes(digest)): event_id
        for event_id, call, digest in EventName.objects.filter(event_id__in=list(event_ids))
        .order_by()
        .values_list("event_id", "call", "name_hash")
    }
    rows = SeenName.objects.order_by().filter(name_hash__in={digest for _, digest in names})
    return {
        pk: names[call, bytes(digest)]
        for pk, call, digest in rows.values_list("pk", "call", "name_hash")
        if (call, bytes(digest)) in names
    }


def _add_recent_totals(
    totals: Mapping[int, EventTotals], event_by_seen_name_id: Mapping[int, int], now: datetime
) -> None:
    production = Q(environment=Environment.PRODUCTION)
    last_day = production & Q(hour__gt=now - HEALTH_WINDOW - timedelta(hours=1))
    counts = (
        TrafficCount.objects.of_arrivals().of_seen_names(event_by_seen_name_id).since(window_start(at=now)).order_by()
    )
    rows = counts.values_list("seen_name_id", "verdict").annotate(
        last=Max("last_seen"),
        newest_hour=Max("hour", filter=production),
        volume=Sum("count", filter=production, default=0),
        undated=Sum("undated", filter=production, default=0),
        today=Sum("count", filter=last_day, default=0),
        warned_today=Sum("warned", filter=last_day, default=0),
    )
    for seen_name_id, verdict, last, hour, volume, undated, last_day_count, warned in rows:
        event_totals = totals[event_by_seen_name_id[seen_name_id]]
        event_totals.last_seen_at = last if event_totals.last_seen_at is None else max(event_totals.last_seen_at, last)
        event_totals.newest_hour = max(filter(None, (event_totals.newest_hour, hour)), default=None)
        event_totals.volume += volume
        if verdict == VerdictChoice.CONFORMING and volume > undated:
            event_totals.has_conformed = True
        event_totals.add(verdict, last_day_count, warned)


def _add_totals_of_rare_events(
    rare_totals: Mapping[int, EventTotals], event_by_seen_name_id: Mapping[int, int]
) -> None:
    """Take the health of events that come less than daily from the last day on which they came (one query)."""
    hours = [event_totals.newest_hour for event_totals in rare_totals.values() if event_totals.newest_hour is not None]
    if not hours:
        return
    rare_names = [seen_name_id for seen_name_id, event_id in event_by_seen_name_id.items() if event_id in rare_totals]
    counts = TrafficCount.objects.of_arrivals().of_seen_names(rare_names).in_environment(Environment.PRODUCTION)
    rows = counts.since(min(hours) - HEALTH_WINDOW).order_by()
    for seen_name_id, verdict, hour, count, warned in rows.values_list(
        "seen_name_id", "verdict", "hour", "count", "warned"
    ):
        event_totals = rare_totals[event_by_seen_name_id[seen_name_id]]
        if event_totals.newest_hour is not None and hour > event_totals.newest_hour - HEALTH_WINDOW:
            event_totals.add(verdict, count, warned)
