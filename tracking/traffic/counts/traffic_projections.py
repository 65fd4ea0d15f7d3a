"""What traffic says of the catalog's events: when last seen, how many, how healthy. The catalog writes it down."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, Sum
from django.utils import timezone

from catalog.choices import Environment, Health
from catalog.event_freshness import patience
from catalog.models import EventName
from catalog.services.event_projections import EventTraffic, record_traffic
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.counts.rollups import events_of, first_moment
from tracking.traffic.models import SeenName, TrafficCount

HEALTH_LOOKS_BACK = timedelta(days=1)
FAILING_SHARE = 0.05
FAILING = (VerdictChoice.NONCONFORMING, VerdictChoice.RETIRED, VerdictChoice.WRONG_SOURCE)


@dataclass(slots=True)
class Seen:
    """What is summed up of one event."""

    last: datetime | None = None
    newest_hour: datetime | None = None  # of production
    volume: int = 0
    conforming: int = 0
    failing: int = 0
    warned: int = 0
    has_conformed: bool = False

    def add(self, verdict: str, count: int, warned: int) -> None:
        """Count events that health is judged by."""
        self.warned += warned
        if verdict == VerdictChoice.CONFORMING:
            self.conforming += count
        elif verdict in FAILING:
            self.failing += count

    def as_traffic(self) -> EventTraffic:
        return EventTraffic(
            last_seen_at=self.last, volume=self.volume, health=self.health, has_conformed=self.has_conformed
        )

    def is_rare(self, moment: datetime) -> bool:
        """Whether nothing came to production lately, and the event's own rhythm lets expect no more."""
        is_silent = not (self.conforming or self.failing or self.warned)
        return is_silent and self.newest_hour is not None and moment - self.newest_hour <= patience(self.volume)

    @property
    def health(self) -> Health:
        if self.failing > FAILING_SHARE * (self.failing + self.conforming):
            return Health.FAILING
        if self.failing or self.warned:
            return Health.WARNINGS
        return Health.OK if self.conforming else Health.UNKNOWN


def project(seen_name_ids: Iterable[int], *, at: datetime | None = None) -> int:
    """Write what traffic says of the events behind these names, and return how many events those were.

    Health is that of the last 24 hours of production, or of the last 24 hours that had any where an event comes
    more rarely; volume its production events of the last 30 days; last seen looks at every environment.
    """
    moment = at or timezone.now()
    events = sorted(set(events_of(seen_name_ids).values()))
    if not events:
        return 0
    names = _names_of(events)
    seen: defaultdict[int, Seen] = defaultdict(Seen)
    for event_id in events:
        seen[event_id]  # an event that fell silent is written too
    _add(seen, names, moment)
    _add_rare({event_id: one for event_id, one in seen.items() if one.is_rare(moment)}, names)
    record_traffic({event_id: one.as_traffic() for event_id, one in sorted(seen.items())}, at=moment)
    return len(seen)


def project_all(*, at: datetime | None = None) -> int:
    """Do the same for every event that has traffic, so that health and volume of silent ones age too."""
    return project(SeenName.objects.order_by().values_list("pk", flat=True), at=at)


def _names_of(event_ids: Iterable[int]) -> dict[int, int]:
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


def _add(seen: Mapping[int, Seen], names: Mapping[int, int], moment: datetime) -> None:
    production = Q(environment=Environment.PRODUCTION)
    today = production & Q(hour__gt=moment - HEALTH_LOOKS_BACK - timedelta(hours=1))
    counts = TrafficCount.objects.of_names(names).since(first_moment(at=moment)).order_by()
    rows = counts.values_list("seen_name_id", "verdict").annotate(
        last=Max("last_seen"),
        newest_hour=Max("hour", filter=production),
        lately=Sum("count", filter=production, default=0),
        today=Sum("count", filter=today, default=0),
        warned_today=Sum("warned", filter=today, default=0),
    )
    for seen_name_id, verdict, last, hour, volume, recent, warned in rows:
        one = seen[names[seen_name_id]]
        one.last = last if one.last is None else max(one.last, last)
        one.newest_hour = max(filter(None, (one.newest_hour, hour)), default=None)
        one.volume += volume
        one.has_conformed = one.has_conformed or (verdict == VerdictChoice.CONFORMING and volume > 0)
        one.add(verdict, recent, warned)


def _add_rare(rare: Mapping[int, Seen], names: Mapping[int, int]) -> None:
    """Judge events that come less than daily by the last day on which they came (one query; they are few)."""
    hours = [one.newest_hour for one in rare.values() if one.newest_hour is not None]
    if not hours:
        return
    rare_names = [seen_name_id for seen_name_id, event_id in names.items() if event_id in rare]
    counts = TrafficCount.objects.of_names(rare_names).in_environment(Environment.PRODUCTION)
    rows = counts.since(min(hours) - HEALTH_LOOKS_BACK).order_by()
    for seen_name_id, verdict, hour, count, warned in rows.values_list(
        "seen_name_id", "verdict", "hour", "count", "warned"
    ):
        one = rare[names[seen_name_id]]
        if one.newest_hour is not None and hour > one.newest_hour - HEALTH_LOOKS_BACK:
            one.add(verdict, count, warned)
