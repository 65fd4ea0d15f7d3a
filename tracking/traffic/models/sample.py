"""Samples: the newest events of each name, masked as the environment asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from catalog.choices import Environment
from catalog.models import Event
from tracking.traffic.choices import VerdictChoice, WireChoice
from tracking.traffic.models.seen_name import seen_name_belongs_to

# (source id, environment, seen name id)
Ring = tuple[int, str, int]

_TRIM = """
    DELETE FROM traffic_sample AS sample
    USING unnest(%s::bigint[], %s::text[], %s::bigint[]) AS ring (source_id, environment, seen_name_id)
    WHERE sample.source_id = ring.source_id
      AND sample.environment = ring.environment
      AND sample.seen_name_id = ring.seen_name_id
      AND sample.id <= (
        SELECT id FROM traffic_sample
        WHERE source_id = ring.source_id AND environment = ring.environment AND seen_name_id = ring.seen_name_id
        ORDER BY id DESC OFFSET %s LIMIT 1
      )
"""


class SampleQuerySet(models.QuerySet["Sample"]):
    """Events that arrived and were kept."""

    def of_event(self, event: Event | int) -> SampleQuerySet:
        """Samples of an event under any of its names."""
        return self.filter(seen_name_belongs_to(event, prefix="seen_name__"))

    def deduplicated(self) -> SampleQuerySet:
        """Without repeats."""
        return self.filter(is_repeat=False)

    def evidence_since(self, at: datetime) -> SampleQuerySet:
        """Those that may be evidence and happened (and so were received) at a time or later."""
        return self.filter(is_evidence=True, received_at__gte=at).filter(Q(event_time=None) | Q(event_time__gte=at))

    def newest_first(self) -> SampleQuerySet:
        return self.order_by("-id")

    def trim_rings(self, rings: Iterable[Ring]) -> None:
        """Delete what lies beyond the newest `SAMPLES_KEPT` of these rings. Called by one task at a time."""
        ordered = sorted(set(rings))
        if not ordered:
            return
        sources, environments, names = (list(column) for column in zip(*ordered, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(_TRIM, [sources, environments, names, settings.SAMPLES_KEPT])


class Sample(models.Model):
    """One event that arrived, kept in a ring of the newest for its source, environment and name.

    As with `RollupDelta`, the database does not look up what it refers to.
    """

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+", db_constraint=False)
    environment = models.CharField(max_length=16, choices=Environment)
    seen_name = models.ForeignKey("traffic.SeenName", models.CASCADE, related_name="samples", db_constraint=False)
    version = models.ForeignKey("catalog.Version", models.CASCADE, null=True, related_name="+", db_constraint=False)
    app_version = models.CharField(max_length=100, blank=True)
    wire = models.CharField(max_length=20, choices=WireChoice, blank=True, help_text="The format in which it came")
    received_at = models.DateTimeField()
    event_time = models.DateTimeField(
        null=True, blank=True, help_text="When it happened; empty in samples of before 2026-12: when it was received"
    )
    is_evidence = models.BooleanField(
        default=True, help_text="Whether it may speak for a delivery; not where its time cannot be relied on"
    )
    verdict = models.CharField(max_length=16, choices=VerdictChoice)
    violations = models.JSONField(default=list)
    event = models.JSONField(help_text="The normalised event; hidden values keep their type and shape")
    masked = models.JSONField(default=list, help_text="Pointers to the values that were hidden")
    is_repeat = models.BooleanField(default=False)
    second_verdicts = models.JSONField(
        default=dict,
        help_text="Outside production, by the id of another version with an open delivery: its verdict and violations",
    )

    objects = SampleQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("source", "environment", "seen_name", "-id"), name="sample_ring"),
            models.Index(fields=("seen_name", "-id"), name="sample_by_name"),
        ]

    def __str__(self) -> str:
        return f"sample {self.pk}"

    def is_evidence_since(self, at: datetime) -> bool:
        """Whether it may be evidence, and happened (and so was received) at a time or later."""
        return self.is_evidence and self.happened_at >= at

    @property
    def happened_at(self) -> datetime:
        """When the event happened, as far as that is known."""
        return self.event_time or self.received_at
