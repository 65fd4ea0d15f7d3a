"""Deliveries: one change on one source, from approval to live."""

from django.conf import settings
from django.db import models

from tracking.requests.choices import OPEN_DELIVERIES, DeliveryState
from tracking.requests.querysets import DeliveryQuerySet


class Delivery(models.Model):
    """Where a change stands on a source.

    `round` counts how often its proof began anew (developed again, or taken back from live):
    evidence belongs to one round.
    """

    change = models.ForeignKey("requests.Change", models.CASCADE, related_name="deliveries")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=16, choices=DeliveryState, default=DeliveryState.PLANNED)
    round = models.PositiveIntegerField(default=0)
    app_version = models.CharField(max_length=100, blank=True)
    developed_at = models.DateTimeField(null=True, blank=True)
    developed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="developed"
    )
    tested_at = models.DateTimeField(null=True, blank=True)
    tested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tested"
    )
    live_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="superseded")
    superseded_from = models.CharField(
        max_length=16, choices=DeliveryState, blank=True, help_text="Where it stood, and stands again if need be"
    )
    updated_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("change", "source", "id")
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=("change", "source"), name="delivery_once")]
        indexes = [models.Index(fields=("state", "source"), name="delivery_by_state")]

    def __str__(self) -> str:
        return f"{self.change} on {self.source}"

    def get_absolute_url(self) -> str:
        """The page of its request, with this delivery's step in front; needs the change's request."""
        return f"{self.change.request.get_absolute_url()}?delivery={self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_DELIVERIES
