"""Properties of events of which nobody is warned that their values look personal or secret."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.event import Event


class SensitiveExemptionQuerySet(models.QuerySet["SensitiveExemption"]):
    """Exemptions."""

    def active(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(ended_at=None)


class SensitiveExemption(models.Model):
    """The rule `sensitive` is not asked of one property of one event: who said so, when and why.

    It hides and shows nothing: masks follow what the definition declares. Never deleted, but ended.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="sensitive_exemptions")
    path = models.CharField(max_length=1000, help_text="A definition path, such as /properties/products/*/sku")
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SensitiveExemptionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=("event", "path"), condition=Q(ended_at=None), name="one_active_exemption_of_a_path"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} of {self.event}"
