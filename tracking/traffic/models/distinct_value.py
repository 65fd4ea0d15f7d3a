"""Distinct values that a source brought within an hour: what the cardinality limits count."""

from django.db import models

from catalog.choices import Environment
from tracking.traffic.choices import LimitKind


class HourlyDistinctValue(models.Model):
    """A name or app version that a source sent in one hour of one environment: what the cardinality limits count."""

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    hour = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=LimitKind)
    value_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "hourly distinct values"
        constraints = [
            models.UniqueConstraint(
                fields=("source", "environment", "hour", "kind", "value_hash"), name="hour_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source} at {self.hour}"
