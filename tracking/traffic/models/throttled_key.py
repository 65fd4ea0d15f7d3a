"""Write keys that are being held back, and what each bucket of the rates was used for lately."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from tracking.traffic.choices import ThrottleBound

THROTTLED_FOR = timedelta(minutes=1)
"""So long after its last refusal a key still counts as being throttled: SDKs wait up to a minute before they retry."""


class ThrottledKeyQuerySet(models.QuerySet["ThrottledKey"]):
    """Throttled keys."""

    def now(self, at: datetime | None = None) -> Self:
        """Those that are being throttled, or were within the last minute."""
        return self.filter(last_at__gte=(at or timezone.now()) - THROTTLED_FOR)

    def with_list_data(self, at: datetime | None = None) -> Self:
        """Each with its key, source and team, and `is_now`: whether it is being throttled."""
        is_now = Q(last_at__gte=(at or timezone.now()) - THROTTLED_FOR)
        return self.select_related("write_key__source__owner_team").annotate(
            is_now=ExpressionWrapper(is_now, output_field=BooleanField())
        )


class ThrottledKey(models.Model):
    """What was refused of a write key because it, or its source, sent more than one bound allows.

    One row a key and bound. It tells of the last time that this went on: `since` and the sums begin anew where nothing
    was refused for ten minutes.
    """

    write_key = models.ForeignKey("catalog.WriteKey", models.CASCADE, related_name="+")
    bound = models.CharField(max_length=16, choices=ThrottleBound)
    since = models.DateTimeField(help_text="The first refusal")
    last_at = models.DateTimeField(help_text="The last refusal")
    requests = models.PositiveBigIntegerField(help_text="How many requests were refused")
    size = models.PositiveBigIntegerField("bytes", help_text="Bytes of their bodies, as they came")

    objects = ThrottledKeyQuerySet.as_manager()

    # What `with_list_data` adds.
    is_now: bool

    class Meta:
        ordering = ("-last_at", "-id")
        constraints = [models.UniqueConstraint(fields=("write_key", "bound"), name="throttled_key_once")]

    def __str__(self) -> str:
        return f"{self.get_bound_display()}: {self.requests} requests since {self.since:%Y-%m-%d %H:%M}"


class RateUse(models.Model):
    """How much all processes together took of one bucket within five seconds, so that they share one rate."""

    slot = models.DateTimeField(help_text="When the five seconds began, by the database's clock")
    bound = models.CharField(max_length=16, choices=ThrottleBound)
    subject_id = models.BigIntegerField(help_text="The id of the key or of the source, as the bound is of one")
    amount = models.BigIntegerField(help_text="Events or bytes, as the bound counts them")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("slot", "bound", "subject_id"), name="rate_use_once")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.bound} {self.subject_id} at {self.slot:%H:%M:%S}"
