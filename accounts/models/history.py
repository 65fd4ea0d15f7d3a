"""History: entries that are written once and never edited."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.token import ApiToken


class HistoryQuerySet(models.QuerySet["HistoryEntry"]):
    """History entries."""

    def for_subject(self, subject_type: str, subject_id: object) -> HistoryQuerySet:
        """What happened to one thing itself, oldest first, each with its actor."""
        return (
            self.filter(subject_type=subject_type, subject_id=str(subject_id))
            .select_related("actor")
            .order_by("at", "pk")
        )

    def for_subject_and_parts(self, subject_type: str, subject_id: object) -> HistoryQuerySet:
        """What happened to one thing and to its parts (a request and its deliveries), oldest first."""
        key = str(subject_id)
        return (
            self.filter(Q(subject_type=subject_type, subject_id=key) | Q(parent_type=subject_type, parent_id=key))
            .select_related("actor")
            .order_by("at", "pk")
        )


class HistoryEntry(models.Model):
    """Who did what to what, when and why. `accounts.history.record` is its only writer.

    Subjects are named by type and id, not by foreign key: entries remain when their subject is deleted.
    A database trigger refuses every change (see `accounts.migrations._write_once`).
    """

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="history")
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, null=True, blank=True, related_name="history")
    subject_type = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=64)
    # Null, not empty, is "no parent": both columns are null or neither is, and a constraint says so.
    parent_type = models.CharField(max_length=30, null=True, blank=True)  # noqa: DJ001  null: no parent
    parent_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  as above
    action = models.CharField(max_length=60)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    message = models.TextField(blank=True)
    evidence = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)

    objects: ClassVar[models.Manager[HistoryEntry]] = HistoryQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = "history entry"
        verbose_name_plural = "history"
        indexes = (
            models.Index(fields=["subject_type", "subject_id", "at"], name="history_subject"),
            models.Index(fields=["parent_type", "parent_id", "at"], name="history_parent"),
            models.Index(fields=["-at", "-id"], name="history_newest"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(parent_type__isnull=True, parent_id__isnull=True)
                | models.Q(parent_type__isnull=False, parent_id__isnull=False),
                name="history_parent_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}: {self.action}"
