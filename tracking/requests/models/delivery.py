"""Deliveries: one change on one source, from approval to live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q

from accounts.permission_scope import teams_for
from accounts.roles import Capability
from tracking.requests.choices import (
    COUNTED_DELIVERY_STATES,
    LANES_DEVELOPED,
    LANES_VERIFIED,
    OPEN_DELIVERY_STATES,
    DeliveryState,
)

if TYPE_CHECKING:
    from accounts.models import User

APP_VERSION_MAX_LENGTH = 100


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Queries of deliveries."""

    def open(self) -> Self:
        """Deliveries between approval and live."""
        return self.filter(state__in=OPEN_DELIVERY_STATES)

    def counted(self) -> Self:
        """Deliveries that decide the state of their request."""
        return self.filter(state__in=COUNTED_DELIVERY_STATES)

    def on_record(self) -> Self:
        """Deliveries that cannot be deleted: QA signed for them, or an event shows why they were sent back."""
        return self.filter(Q(verifications__isnull=False) | Q(pinned_events__isnull=False))

    def waiting_on(self, user: User) -> Self:
        """Deliveries that this person may develop, or verify without having developed them."""
        return self.filter(
            Q(state=DeliveryState.REVIEWED, change__lane__in=LANES_DEVELOPED)
            & teams_for(user, Capability.DELIVERY_DEVELOP).as_condition("source__owner_team")
            | Q(state=DeliveryState.DEVELOPED, change__lane__in=LANES_VERIFIED)
            & teams_for(user, Capability.DELIVERY_VERIFY).as_condition("source__owner_team")
            & ~Q(developed_by=user)
        )

    def state_counts(self) -> dict[str, int]:
        """How many of these deliveries are in each state, by state."""
        return dict(self.order_by().values_list("state").annotate(count=Count("pk")))

    def with_list_data(self) -> Self:
        """What a list shows, in one query."""
        return self.select_related(
            "source", "source__owner_team", "change", "change__event", "change__request", "developed_by", "tested_by"
        )

    def with_step_data(self) -> Self:
        """What a list shows and what the steps of each delivery ask about it, in one query."""
        return self.with_list_data().select_related(
            "change__event__owner_team", "change__request__team", "change__version__parent"
        )


class Delivery(models.Model):
    """Where a change stands on a source.

    `round` counts how often its proof began anew (developed again, or taken back from live):
    evidence belongs to one round.
    """

    change = models.ForeignKey("requests.Change", models.CASCADE, related_name="deliveries")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=16, choices=DeliveryState, default=DeliveryState.PLANNED)
    round = models.PositiveIntegerField(default=0)
    app_version = models.CharField(max_length=APP_VERSION_MAX_LENGTH, blank=True)
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
        return self.state in OPEN_DELIVERY_STATES
