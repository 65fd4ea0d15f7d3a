"""Ids of events seen within the deduplication window, so that a batch sent again is counted as repeats."""

from django.db import models

from catalog.choices import Environment


class DedupKey(models.Model):
    """An event id of the last 24 hours with the content of its event, each as 8 bytes of a keyed hash.

    Rows of before 2026-12 have no content: every event with such an id is a repeat.
    """

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16, choices=Environment)
    id_hash = models.BigIntegerField()
    content_hash = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("source", "environment", "id_hash", "content_hash"), name="seen_event_once"
            ),
        ]
        indexes = [models.Index(fields=("seen_at",), name="seen_id_age")]

    def __str__(self) -> str:
        return f"{self.id_hash:x}"
