"""Names that arrive and that nobody defined: what the overview lists and a request can be begun from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Sum
from django.utils import timezone

from tracking.traffic.choices import VerdictChoice
from tracking.traffic.models import SeenName, TrafficCount


@dataclass(frozen=True, slots=True)
class UndocumentedName:
    """A name without an event, and what came under it lately."""

    seen_name: SeenName
    count: int
    last_seen: datetime
    sources: tuple[str, ...]  # slugs
    environments: tuple[str, ...]


def undocumented_names(
    *, days: int = 30, environment: str | None = None, limit: int = 100, at: datetime | None = None
) -> list[UndocumentedName]:
    """Return the names that came as undocumented in the last days and still are, most frequent first. Two queries."""
    since = (at or timezone.now()) - timedelta(days=days)
    counts = TrafficCount.objects.since(since).filter(
        verdict=VerdictChoice.UNDOCUMENTED, seen_name__in=SeenName.objects.undocumented().order_by().values("pk")
    )
    if environment is not None:
        counts = counts.in_environment(environment)
    rows = list(
        counts.order_by()
        .values_list("seen_name_id")
        .annotate(
            total=Sum("count"),
            last=Max("last_seen"),
            slugs=ArrayAgg("source__slug", distinct=True),
            places=ArrayAgg("environment", distinct=True),
        )
        .filter(total__gt=0)
        .order_by("-total", "seen_name_id")[:limit]
    )
    names = SeenName.objects.in_bulk([row[0] for row in rows])
    return [
        UndocumentedName(names[pk], total, last, tuple(slugs), tuple(places)) for pk, total, last, slugs, places in rows
    ]
