"""Profiles of events by day, and what each check adds to them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils import timezone

from catalog.choices import Environment
from catalog.models import Event


class DailyProfileQuerySet(models.QuerySet["DailyProfile"]):
    """Profiles of days, each of one app version of one source."""

    def of_event(self, event: Event | int) -> DailyProfileQuerySet:
        return self.filter(event=event)

    def in_environment(self, environment: str) -> DailyProfileQuerySet:
        return self.filter(environment=environment)

    def of_last_days(self, days: int, *, today: date | None = None) -> DailyProfileQuerySet:
        """Those of the last `days` days (of UTC), today being one of them."""
        last = today or timezone.now().date()
        return self.filter(day__gt=last - timedelta(days=days), day__lte=last)


class DailyProfile(models.Model):
    """What came of one event on one day (of UTC, on which it happened), from one app version of one source.

    `profile` holds the counts of its properties: see `tracking.profiling.event_profile`.
    """

    day = models.DateField()
    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    event = models.ForeignKey("catalog.Event", models.CASCADE, related_name="+")
    app_version = models.CharField(max_length=100, blank=True)
    events = models.BigIntegerField()
    profile = models.BinaryField()

    objects = DailyProfileQuerySet.as_manager()

    class Meta:
        ordering = ("-day", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("day", "source", "environment", "event", "app_version"), name="daily_profile_once"
            ),
        ]
        indexes = [models.Index(fields=("event", "environment", "day"), name="daily_profile_by_event")]

    def __str__(self) -> str:
        return f"{self.events} of event {self.event_id} on {self.day}"


class ProfileDelta(models.Model):
    """What one check adds to the profiles of one source and environment; only ever added. A task folds them."""

    # No constraint: each row would cost a look at the source in the commit of the check. The fold looks for it.
    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+", db_constraint=False)
    environment = models.CharField(max_length=16, choices=Environment)
    profiles = models.BinaryField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"profiles of source {self.source_id}"
