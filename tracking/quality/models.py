"""Findings: violations of one kind, grouped, with an owner and a state."""

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from catalog.choices import Environment
from catalog.models import EventName
from tracking.quality.choices import FindingState, SeverityChoice

UNTRIAGED_STATES = (FindingState.OPEN, FindingState.REGRESSED)


class FindingQuerySet(models.QuerySet):
    """Queries of findings."""

    def untriaged(self) -> Self:
        """Findings that nobody has taken up yet, or that came back."""
        return self.filter(state__in=UNTRIAGED_STATES)

    def active(self) -> Self:
        """Findings that are neither resolved nor ignored: whether or not somebody knows, events still break a rule."""
        return self.filter(state__in=(*UNTRIAGED_STATES, FindingState.ACKNOWLEDGED))

    def worst_first(self) -> Self:
        """Production before other environments, errors before warnings, then by how often it was seen."""
        environment_rank = models.Case(models.When(environment=Environment.PRODUCTION, then=0), default=1)
        severity_rank = models.Case(models.When(severity=SeverityChoice.ERROR, then=0), default=1)
        return self.order_by(environment_rank, severity_rank, "-count", "-id")

    def of_seen_names(self, seen_name_ids: list[int]) -> Self:
        """Findings of these seen names."""
        return self.filter(seen_name_id__in=seen_name_ids)

    def of_event(self, event_id: int) -> Self:
        """Findings of every name that an event of the catalog has or had."""
        return self.of_events([event_id])

    def of_events(self, event_ids: Collection[int]) -> Self:
        """Findings of every name that one of these events has or had."""
        return self.filter(
            models.Exists(
                EventName.objects.filter(
                    event_id__in=event_ids,
                    call=models.OuterRef("seen_name__call"),
                    name_hash=models.OuterRef("seen_name__name_hash"),
                )
            )
        )

    def with_list_data(self) -> Self:
        """What a list shows, in one query."""
        return self.select_related("source", "seen_name", "owner")


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
    resolved_in = models.CharField(
        max_length=100, blank=True, help_text="The app version that has the fix; empty where none was named"
    )
    older_count = models.BigIntegerField(
        default=0, help_text="Events of app versions older than the fix since it was resolved"
    )
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
            models.Index(fields=("source", "environment", "first_seen"), name="finding_by_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.path}"

    def get_absolute_url(self) -> str:
        return reverse("quality:finding", args=[self.pk])
