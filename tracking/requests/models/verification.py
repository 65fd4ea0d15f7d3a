"""Verifications: QA's signature on a delivery."""

from django.conf import settings
from django.db import models


class Verification(models.Model):
    """Who verified a delivery, when, and the evidence as it then was (never edited afterwards)."""

    delivery = models.ForeignKey("requests.Delivery", models.PROTECT, related_name="verifications")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="verifications")
    at = models.DateTimeField()
    comment = models.TextField(blank=True)
    evidence = models.JSONField(help_text="Counts, app versions, properties seen and masked samples, pinned")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.person} on {self.delivery}"
