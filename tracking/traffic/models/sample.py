"""Samples: the newest events of each name, masked as the environment asks."""

from django.db import models

from catalog.choices import Environment
from tracking.traffic.choices import VerdictChoice, Wire
from tracking.traffic.querysets import SampleQuerySet


class Sample(models.Model):
    """One event that arrived, kept in a ring of the newest for its source, environment and name."""

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    seen_name = models.ForeignKey("traffic.SeenName", models.CASCADE, related_name="samples")
    version = models.ForeignKey("catalog.Version", models.CASCADE, null=True, related_name="+")
    app_version = models.CharField(max_length=100, blank=True)
    wire = models.CharField(max_length=20, choices=Wire, blank=True, help_text="The format in which it came")
    received_at = models.DateTimeField()
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
