"""Requests: tracking that somebody asks for, and who approved it."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from tracking.requests.choices import Area, Lane, Origin, Priority, State
from tracking.requests.querysets import RequestQuerySet


class Request(models.Model):
    """A tracking requirement: which decision it serves, and the changes it asks for."""

    title = models.CharField(max_length=200)
    question = models.TextField(blank=True, help_text="The question that the data answers")
    decision = models.TextField(blank=True, help_text="The decision that depends on the answer")
    metric = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True, help_text="What changes, for requests that change only words")
    reason = models.TextField(blank=True, help_text="Why events are retired")
    priority = models.CharField(max_length=16, choices=Priority, blank=True)
    expected_per_day = models.PositiveBigIntegerField(null=True, blank=True)
    review_by = models.DateField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="requests")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="owned_requests"
    )
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="requests")
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    lane = models.CharField(max_length=16, choices=Lane, default=Lane.NEW)
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.PEOPLE)
    revision = models.PositiveIntegerField(default=1, help_text="Counts edits, so that two editors notice each other")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at", "-id")
        indexes = [
            models.Index(fields=("-updated_at", "-id"), name="request_by_change"),
            models.Index(fields=("state", "-updated_at"), name="request_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("requests:request", args=[self.pk])


class Approval(models.Model):
    """One person's yes to one content. An edit changes the hash and so makes it stale."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="approvals")
    area = models.CharField(max_length=16, choices=Area, default=Area.ANALYSIS)
    content_hash = models.BinaryField(max_length=32)
    comment = models.TextField(blank=True)
    evidence = models.JSONField(default=dict, blank=True, help_text="The replay that the person saw: counts, witness")
    is_same_person = models.BooleanField(default=False, help_text="The author approved, as the team's policy allows")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("request", "person", "area", "content_hash"), name="approval_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.request}"
