"""Evidence: the candidate verdicts on events of a delivery, kept as bounded counts."""

from django.db import models

from catalog.choices import Environment
from tracking.requests.choices import EvidenceStage
from tracking.requests.models.delivery import APP_VERSION_MAX_LENGTH


class EvidenceKey(models.Model):
    """What every piece of evidence belongs to: a delivery's round, where and since which step it was received."""

    delivery = models.ForeignKey("requests.Delivery", models.CASCADE, related_name="+")
    round = models.PositiveIntegerField()
    stage = models.CharField(max_length=16, choices=EvidenceStage)
    environment = models.CharField(max_length=16, choices=Environment)

    class Meta:
        abstract = True


class Evidence(EvidenceKey):
    """Counts of candidate verdicts (of the delivery's version) by hour and app version."""

    delivery = models.ForeignKey("requests.Delivery", models.CASCADE, related_name="evidence")
    hour = models.DateTimeField()
    app_version = models.CharField(max_length=APP_VERSION_MAX_LENGTH, blank=True)
    conforming = models.BigIntegerField(default=0)
    nonconforming = models.BigIntegerField(default=0)
    proving = models.BigIntegerField(default=0, help_text="Conforming, and able to show that the new version runs")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    proving_first = models.DateTimeField(null=True, blank=True, help_text="First and last of the proving ones alone")
    proving_last = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("delivery", "hour", "id")
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=("delivery", "round", "stage", "environment", "hour", "app_version"), name="evidence_once"
            ),
        ]

    def __str__(self) -> str:
        return f"evidence of {self.delivery}"


class EvidenceId(EvidenceKey):
    """A user's or device's id as a keyed hash, with what came of its events; bounded per delivery."""

    delivery = models.ForeignKey("requests.Delivery", models.CASCADE, related_name="evidence_ids")
    id_hash = models.BigIntegerField()
    conforming = models.BigIntegerField(default=0)
    nonconforming = models.BigIntegerField(default=0)
    proving = models.BigIntegerField(default=0)
    last_seen = models.DateTimeField()

    class Meta:
        ordering = ("delivery", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("delivery", "round", "stage", "environment", "id_hash"), name="evidence_id_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id_hash:x}"


class EvidenceDevice(EvidenceKey):
    """A device that was seen with a user's id, both as keyed hashes, so that it is not a second person.

    Of several users of one device it belongs to the one with the smallest hash, whoever came first. Bounded per
    delivery.
    """

    delivery = models.ForeignKey("requests.Delivery", models.CASCADE, related_name="evidence_devices")
    id_hash = models.BigIntegerField(help_text="Of the device")
    user_hash = models.BigIntegerField()

    class Meta:
        ordering = ("delivery", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("delivery", "round", "stage", "environment", "id_hash"), name="evidence_device_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id_hash:x} of {self.user_hash:x}"


class EvidenceProperty(EvidenceKey):
    """How often a property of the delivery's version was seen in conforming events."""

    delivery = models.ForeignKey("requests.Delivery", models.CASCADE, related_name="evidence_properties")
    path = models.CharField(max_length=1000)
    count = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("delivery", "path")
        verbose_name_plural = "evidence properties"
        constraints = [
            models.UniqueConstraint(
                fields=("delivery", "round", "stage", "environment", "path"), name="evidence_property_once"
            ),
        ]

    def __str__(self) -> str:
        return self.path
