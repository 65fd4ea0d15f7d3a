"""What traffic says of the catalog's events: when last seen, how many, how healthy. The catalog writes it down."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, Sum
from django.utils import timezone

from catalog.choices import Environment, Health
from catalog.models import EventName
from catalog.services.projections import EventTraffic, record_traffic
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.models import SeenName, TrafficCount
from tracking.traffic.rollups import events_of

HEALTH_LOOKS_BACK = timedelta(days=1)
VOLUME_LOOKS_BACK = timedelta(days=30)
FAILING_SHARE = 0.05
FAILING = (VerdictChoice.NONCONFORMING, VerdictChoice.RETIRED, VerdictChoice.WRONG_SOURCE)


@dataclass(slots=True)
class Seen:
    """What is summed up of one event."""

    last: datetime | None = None
    volume: int = 0
    conforming: int = 0
    failing: int = 0
    warned: int = 0
    has_conformed: bool = False

    def as_traffic(self) -> EventTraffic:
        return EventTraffic(
            last_seen_at=self.last, volume=self.volume, health=self.health, has_conformed=self.has_conformed
        )

    @property
    def health(self) -> Health:
        if self.failing > FAILING_SHARE * (self.failing + self.conforming):
            return Health.FAILING
        if self.failing or self.warned:
            return Health.WARNINGS
        return Health.OK if self.conforming else Health.UNKNOWN


def project(seen_name_ids: Iterable[int], *, at: datetime | None = None) -> int:
    """Write what traffic says of the events behind these names, and return how many events those were.

    Health is that of the last 24 hours of production, volume its events of the last 30 days; last seen looks at
    every environment.
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
    counts = TrafficCount.objects.of_names(names).since(moment - VOLUME_LOOKS_BACK).order_by()
    rows = counts.values_list("seen_name_id", "verdict").annotate(
        last=Max("last_seen"),
        lately=Sum("count", filter=production, default=0),
        today=Sum("count", filter=today, default=0),
        warned_today=Sum("warned", filter=today, default=0),
    )
    for seen_name_id, verdict, last, volume, recent, warned in rows:
        one = seen[names[seen_name_id]]
        one.last = last if one.last is None else max(one.last, last)
        one.volume += volume
        one.warned += warned
        if verdict == VerdictChoice.CONFORMING:
            one.conforming += recent
            one.has_conformed = one.has_conformed or volume > 0
        elif verdict in FAILING:
            one.failing += recent
