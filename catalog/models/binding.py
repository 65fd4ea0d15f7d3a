"""Bindings: from when on a source's events are validated against a version."""

from django.db import models

from catalog.choices import Environment


class Binding(models.Model):
    """A version that counts for a source and environment since an app version or a time.

    `version` is null where the event is retired. It starts at an app version (`since_version`,
    with `since_key` as its sortable form in the source's order) or, where that is empty, at a
    time. It counts for events received from `written_at` on and before `ended_at`.
    """

    event = models.ForeignKey("catalog.Event", models.PROTECT, related_name="bindings")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="bindings")
    environment = models.CharField(max_length=16, choices=Environment)
    version = models.ForeignKey("catalog.Version", models.PROTECT, null=True, blank=True, related_name="bindings")
    since_version = models.CharField(max_length=100, blank=True)
    since_key = models.CharField(max_length=300, blank=True)
    since_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("event", "source", "environment", "-written_at", "-id")
        indexes = [models.Index(fields=("event", "source", "environment"), name="binding_lookup")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(since_version__gt="") | models.Q(since_at__isnull=False),
                name="binding_has_a_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} on {self.source} since {self.since_version or self.since_at}"
