"""Rollups: how many events of which verdict arrived, by hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Max, Sum
from django.db.models.functions import TruncDay
from django.utils import timezone

from catalog.choices import Environment
from catalog.models import Event
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.models.seen_name import seen_name_belongs_to


class TrafficCountQuerySet(models.QuerySet["TrafficCount"]):
    """Counts by hour, folded or not. Rows may share a key, so every figure is a sum."""

    def of_event(self, event: Event | int) -> TrafficCountQuerySet:
        """Counts of an event under any of its names."""
        return self.filter(seen_name_belongs_to(event, prefix="seen_name__"))

    def of_seen_names(self, seen_name_ids: Iterable[int]) -> TrafficCountQuerySet:
        return self.filter(seen_name_id__in=list(seen_name_ids))

    def since(self, at: datetime) -> TrafficCountQuerySet:
        """Counts of the hour of `at` and later ones."""
        at = at.astimezone(UTC)  # hours are those of UTC, which begin within those of some zones
        return self.filter(hour__gte=at.replace(minute=0, second=0, microsecond=0))

    def of_arrivals(self) -> TrafficCountQuerySet:
        """Counts of what arrived: without rows of history, or of repeats, alone."""
        return self.exclude(count=0)

    def in_environment(self, environment: str) -> TrafficCountQuerySet:
        return self.filter(environment=environment)

    def by_day(self) -> list[tuple[date, str, int, int, int, int]]:
        """The sums of each day of the current time zone and verdict, in no order.

        Each is (day, verdict, count, repeats, possible repeats, historical).
        """
        day = TruncDay("hour", tzinfo=timezone.get_current_timezone(), output_field=models.DateTimeField())
        sums = (Sum("count"), Sum("repeats"), Sum("possible_repeats"), Sum("historical"))
        rows = self.order_by().values_list(day, "verdict").annotate(*sums)
        return [(found.date(), verdict, *counts) for found, verdict, *counts in rows]

    def totals(self) -> dict[str, Any]:
        """The sums of all: count, warned, repeats, possible_repeats, late, undated, last_seen; zeros for none."""
        names = ("count", "warned", "repeats", "possible_repeats", "late", "undated")
        sums = {name: Sum(name, default=0) for name in names}
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
                historical=Sum("historical"),
                undated=Sum("undated"),
                last_seen=Max("last_seen"),
            )
        )


class AbstractTrafficCount(models.Model):
    """Counts of one hour (of receipt), source, environment, name, app version, version and verdict."""

    hour = models.DateTimeField()
    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    seen_name = models.ForeignKey("traffic.SeenName", models.CASCADE, related_name="+")
    app_version = models.CharField(max_length=100, blank=True)
    version = models.ForeignKey("catalog.Version", models.CASCADE, null=True, related_name="+")
    verdict = models.CharField(max_length=16, choices=VerdictChoice)
    count = models.BigIntegerField()
    warned = models.BigIntegerField(default=0, help_text="Of them, conforming with warnings")
    repeats = models.BigIntegerField(default=0, help_text="In addition, ids seen before and not counted again")
    possible_repeats = models.BigIntegerField(default=0, help_text="Of them, without an id and alike to another")
    late = models.BigIntegerField(default=0, help_text="Of them, occurred over a day before they arrived")
    last_seen = models.DateTimeField()
    historical = models.BigIntegerField(
        default=0,
        help_text="In addition, of history: what was sent to be kept, and neither arrives now nor proves anything",
    )
    undated = models.BigIntegerField(
        default=0, help_text="Of them, from the future or from long ago by their own clocks: they prove nothing"
    )

    class Meta:
        abstract = True


class RollupDelta(AbstractTrafficCount):
    """Counts as one check wrote them; only ever added. A task folds them into `Rollup`; readers add both.

    The database does not look up what each row refers to: a check has read that in its transaction, and whoever deletes
    it holds the maintenance lock alone and deletes these rows, too.
    """

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+", db_constraint=False)
    seen_name = models.ForeignKey("traffic.SeenName", models.CASCADE, related_name="+", db_constraint=False)
    version = models.ForeignKey("catalog.Version", models.CASCADE, null=True, related_name="+", db_constraint=False)

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("seen_name", "hour"), name="delta_by_name")]

    def __str__(self) -> str:
        return f"+{self.count} {self.verdict}"


class Rollup(AbstractTrafficCount):
    """Folded counts: one row a key."""

    class Meta:
        ordering = ("-hour", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("hour", "source", "environment", "seen_name", "app_version", "version", "verdict"),
                name="rollup_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=("seen_name", "hour"), name="rollup_by_name"),
            models.Index(fields=("source", "environment", "hour"), name="rollup_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.verdict}"


class TrafficCount(AbstractTrafficCount):
    """Folded counts and those still to be folded, as one: what every reader asks.

    A view of the database, so that both are read in one snapshot and a fold in between changes no sum. Several
    rows may share a key; sum over them.
    """

    # A view has no rows of its own that could go with what they refer to.
    source = models.ForeignKey("catalog.Source", models.DO_NOTHING, related_name="+")
    seen_name = models.ForeignKey("traffic.SeenName", models.DO_NOTHING, related_name="+")
    version = models.ForeignKey("catalog.Version", models.DO_NOTHING, null=True, related_name="+")

    objects = TrafficCountQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "traffic_count"
        ordering = ("-hour", "id")

    def __str__(self) -> str:
        return f"{self.count} {self.verdict}"
