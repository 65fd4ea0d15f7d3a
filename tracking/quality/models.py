"""Findings: violations of one kind, grouped, with an owner and a state."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from catalog.choices import Environment
from tracking.quality.choices import FindingState, SeverityChoice
from tracking.quality.querysets import FindingQuerySet


class Finding(models.Model):
    """Violations grouped by (source, environment, name, definition path, rule).

    App versions, definition versions and up to 100 unknown key names are counted inside it.
    """

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="findings")
    environment = models.CharField(max_length=16, choices=Environment)
    seen_name = models.ForeignKey("traffic.SeenName", models.CASCADE, related_name="findings")
    path = models.CharField(max_length=1000)
    rule = models.CharField(max_length=60)
    severity = models.CharField(max_length=16, choices=SeverityChoice)
    state = models.CharField(max_length=16, choices=FindingState, default=FindingState.OPEN)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="findings")
    count = models.BigIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    expected = models.CharField(max_length=300, blank=True)
    came = models.CharField(max_length=300, blank=True)
    app_versions = models.JSONField(default=dict, help_text="Count by app version, at most 200")
    versions = models.JSONField(default=dict, help_text="Count by definition version")
    unknown_keys = models.JSONField(default=dict, help_text="Count by unknown key, at most 100")
    samples = models.JSONField(default=list, help_text="Newest masked events that show it, at most 5")
    resolved_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen", "-id")
        constraints = [
            models.UniqueConstraint(fields=("source", "environment", "seen_name", "path", "rule"), name="finding_once"),
        ]
        indexes = [
            models.Index(fields=("state", "-last_seen", "-id"), name="finding_by_state"),
            models.Index(fields=("seen_name", "-last_seen"), name="finding_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.path}"

    def get_absolute_url(self) -> str:
        return reverse("quality:finding", args=[self.pk])
