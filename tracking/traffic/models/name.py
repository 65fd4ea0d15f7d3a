"""Seen names: what traffic called things, whether or not anybody defined them."""

from django.db import models

from catalog.choices import Call, Environment
from tracking.traffic.choices import CapKind
from tracking.traffic.querysets import SeenNameQuerySet


class SeenName(models.Model):
    """(call, name) as traffic brought it.

    Rollups, samples and findings hang on it and not on the event, so that defining an
    undocumented event joins its past without a rewrite.
    """

    call = models.CharField(max_length=16, choices=Call)
    name = models.CharField(max_length=512)
    name_hash = models.BinaryField(max_length=32)
    first_seen = models.DateTimeField()

    objects = SeenNameQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=("call", "name_hash"), name="seen_name_once")]

    def __str__(self) -> str:
        return self.name


class HourEntry(models.Model):
    """A name or app version that a source sent in one hour of one environment: what the caps count."""

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    hour = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=CapKind)
    value_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "hour entries"
        constraints = [
            models.UniqueConstraint(
                fields=("source", "environment", "hour", "kind", "value_hash"), name="hour_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.source} at {self.hour}"
