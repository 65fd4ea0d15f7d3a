"""Rollups: how many events of which verdict arrived, by hour."""

from django.db import models

from catalog.choices import Environment
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.querysets import TrafficCountQuerySet


class Count(models.Model):
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
    repeats = models.BigIntegerField(default=0, help_text="Beside them, ids seen before and not counted again")
    possible_repeats = models.BigIntegerField(default=0, help_text="Of them, without an id and alike to another")
    late = models.BigIntegerField(default=0, help_text="Of them, occurred over a day before they arrived")
    last_seen = models.DateTimeField()

    class Meta:
        abstract = True


class RollupDelta(Count):
    """Counts as one check wrote them; only ever added. A task folds them into `Rollup`; readers add both."""

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=("seen_name", "hour"), name="delta_by_name")]

    def __str__(self) -> str:
        return f"+{self.count} {self.verdict}"


class Rollup(Count):
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


class TrafficCount(Count):
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
