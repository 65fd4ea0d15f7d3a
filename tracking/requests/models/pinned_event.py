"""Pinned events: the stored event that shows why a delivery was sent back."""

from django.db import models


class PinnedEvent(models.Model):
    """A stored event as it was when a step pinned it (never edited afterwards).

    In a row of its own, since history cannot be erased and an event may say whose it is.
    """

    delivery = models.ForeignKey("requests.Delivery", models.PROTECT, related_name="pinned_events")
    at = models.DateTimeField()
    content = models.JSONField(help_text="The masked event, its verdict and its violations")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.delivery} at {self.at:%Y-%m-%d %H:%M}"
