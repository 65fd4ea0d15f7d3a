"""Arriving traffic, asked by adjectives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q, Sum
from django.db.models.functions import TruncDay

from catalog.models import Event, EventName

if TYPE_CHECKING:
    from tracking.traffic.models import Sample, SeenName, TrafficCount  # noqa: F401  named in strings below


def is_name_of(event: Event | int, *, prefix: str = "") -> Q:
    """Return the condition that a seen name is one of an event's, past names included."""
    call, digest = f"{prefix}call", f"{prefix}name_hash"
    condition = Q(pk__in=[])
    event_id = event if isinstance(event, int) else event.pk
    for one in EventName.objects.filter(event_id=event_id).order_by("pk").values("call", "name_hash"):
        condition |= Q(**{call: one["call"], digest: bytes(one["name_hash"])})
    return condition


class SeenNameQuerySet(models.QuerySet["SeenName"]):
    """Names that traffic brought."""

    def of(self, event: Event | int) -> SeenNameQuerySet:
        """The names of an event, past ones included."""
        return self.filter(is_name_of(event))

    def undocumented(self) -> SeenNameQuerySet:
        """Names that no event of the catalog has or had; without the rows that count what has no name."""
        named = EventName.objects.filter(call=OuterRef("call"), name_hash=OuterRef("name_hash"))
        return self.filter(~Exists(named)).exclude(name__in=("(none)", "(other)"))


class SampleQuerySet(models.QuerySet["Sample"]):
    """Events that arrived and were kept."""

    def of(self, event: Event | int) -> SampleQuerySet:
        """Samples of an event under any of its names."""
        return self.filter(is_name_of(event, prefix="seen_name__"))

    def fresh(self) -> SampleQuerySet:
        """Without repeats."""
        return self.filter(is_repeat=False)

    def newest_first(self) -> SampleQuerySet:
        return self.order_by("-id")


class TrafficCountQuerySet(models.QuerySet["TrafficCount"]):
    """Counts by hour, folded or not. Rows may share a key, so every figure is a sum."""

    def of(self, event: Event | int) -> TrafficCountQuerySet:
        """Counts of an event under any of its names."""
        return self.filter(is_name_of(event, prefix="seen_name__"))

    def of_names(self, seen_name_ids: Iterable[int]) -> TrafficCountQuerySet:
        return self.filter(seen_name_id__in=list(seen_name_ids))

    def since(self, at: datetime) -> TrafficCountQuerySet:
        """Counts of the hour of `at` and later ones."""
        return self.filter(hour__gte=at.replace(minute=0, second=0, microsecond=0))

    def in_environment(self, environment: str) -> TrafficCountQuerySet:
        return self.filter(environment=environment)

    def by_day(self) -> list[tuple[date, str, int, int, int]]:
        """The sums of each day (UTC) and verdict: (day, verdict, count, repeats, possible repeats), in no order."""
        day = TruncDay("hour", tzinfo=UTC, output_field=models.DateTimeField())
        sums = (Sum("count"), Sum("repeats"), Sum("possible_repeats"))
        rows = self.order_by().values_list(day, "verdict").annotate(*sums)
        return [(found.date(), verdict, *counts) for found, verdict, *counts in rows]

    def totals(self) -> dict[str, Any]:
        """The sums over all of it: count, warned, repeats, possible_repeats, late, last_seen; zeros for none."""
        sums = {name: Sum(name, default=0) for name in ("count", "warned", "repeats", "possible_repeats", "late")}
        return self.order_by().aggregate(**sums, last_seen=Max("last_seen"))

    def by_key(self) -> Any:
        """One row a key, as the API shows it, newest hour first."""
        return (
            self.order_by()
            .values(
                "hour",
                "environment",
                "app_version",
                "verdict",
                "seen_name_id",
                "source_id",
                "version_id",
            )
            .annotate(
                source=F("source__slug"),
                call=F("seen_name__call"),
                event=F("seen_name__name"),
                major=F("version__major"),
                minor=F("version__minor"),
                patch=F("version__patch"),
                total=Sum("count"),
                warned=Sum("warned"),
                repeats=Sum("repeats"),
                possible_repeats=Sum("possible_repeats"),
                late=Sum("late"),
                last_seen=Max("last_seen"),
            )
        )
