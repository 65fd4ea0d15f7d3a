"""The inbox: raw bodies, stored before they are answered and kept until they are checked."""

from django.db import models

from catalog.choices import Environment
from tracking.traffic.choices import WireChoice
from tracking.traffic.models.packed_body import PackedBodyField


class RawBatch(models.Model):
    """One request of an SDK, as its bytes came (inflated where they were gzip)."""

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    wire = models.CharField(max_length=16, choices=WireChoice)
    call = models.CharField(max_length=16, blank=True, help_text="The call that the path names, for single-call paths")
    body = PackedBodyField()
    size = models.PositiveIntegerField()
    event_count = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    is_history = models.BooleanField(default=False, help_text="Whether it came by a door for history")
    counted = models.JSONField(
        null=True,
        blank=True,
        help_text="Of an event sent again: the key under which it was counted as unchecked",
    )

    class Meta:
        abstract = True

    @property
    def was_counted(self) -> bool:
        """Whether its events were counted before; else `counted` is empty, or holds their parse errors alone."""
        return bool({"counts", "seen_name"} & set(self.counted or ()))


class InboxBatch(RawBatch):
    """A body that waits to be checked. The row is the queue; a Celery message only wakes a worker."""

    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="When it is tried again, after a failure")
    lease = models.UUIDField(null=True, blank=True, help_text="Which claim holds it")
    lost_leases = models.PositiveSmallIntegerField(
        default=0, help_text="Leases of it that ended before a worker reported"
    )
    is_alone = models.BooleanField(default=False, help_text="Claimed by itself, because a set with it failed")
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "inbox batches"
        indexes = [
            models.Index(fields=("source", "id"), name="inbox_by_source"),
            models.Index(fields=("attempts", "id"), condition=models.Q(is_alone=True), name="inbox_alone"),
            models.Index(fields=("leased_until",), condition=models.Q(lease__isnull=False), name="inbox_leased"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} of {self.source}"


class QuarantinedBatch(RawBatch):
    """A body that could not be checked: kept so that people can see it, download it and send it again."""

    attempts = models.PositiveSmallIntegerField()
    reason = models.TextField()
    quarantined_at = models.DateTimeField()
    resent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-quarantined_at", "-id")
        verbose_name_plural = "quarantined batches"

    def __str__(self) -> str:
        return f"quarantined batch {self.pk} of {self.source}"
