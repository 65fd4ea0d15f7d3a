"""Versions: immutable snapshots of an event's definition."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models

from catalog.choices import ChangeKind
from catalog.contract.versions.version_number import VersionNumber

if TYPE_CHECKING:
    from catalog.models.source import Source


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions."""

    def active(self) -> Self:
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)

    def approved_for(self, source: "Source") -> Self:
        """Those approved for a source and not taken back."""
        return self.active().filter(for_sources__source=source)

    def with_list_data(self) -> Self:
        """Each with its event, author and parent's number, without the definition itself."""
        return self.select_related("event", "created_by", "parent").defer(
            "definition", "comparison", "parent__definition", "parent__comparison"
        )


class Version(models.Model):
    """What an event meant from one approval to the next.

    The row never changes once written (a database trigger holds that); only `withdrawn_at` may
    still be set, for an approval that was taken back. Its number stays used.
    """

    event = models.ForeignKey("catalog.Event", models.PROTECT, related_name="versions")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField()
    patch = models.PositiveIntegerField()
    definition = models.JSONField()
    content_hash = models.BinaryField(max_length=32)
    change_kind = models.CharField(max_length=8, choices=ChangeKind)
    comparison = models.JSONField(default=dict, help_text="How it was compared with its parent, with the witness")
    origin_version = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ("-major", "-minor", "-patch")
        constraints = [
            models.UniqueConstraint(fields=("event", "major", "minor", "patch"), name="version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.number}"

    @property
    def number(self) -> VersionNumber:
        return VersionNumber(self.major, self.minor, self.patch)


class VersionProperty(models.Model):
    """Where a version has a property: the library entry it came from, and its path."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="properties")
    property = models.ForeignKey("catalog.Property", models.PROTECT, null=True, blank=True, related_name="uses")
    path = models.CharField(max_length=1000)
    name = models.CharField(max_length=512)
    type_label = models.CharField(max_length=120)
    is_required = models.BooleanField(default=False)
    sensitivity = models.CharField(
        max_length=16, blank=True, default="", help_text="As of publication; empty where nothing was declared or kept"
    )

    class Meta:
        ordering = ("path", "id")
        verbose_name_plural = "version properties"
        constraints = [models.UniqueConstraint(fields=("version", "path"), name="version_property_once")]

    def __str__(self) -> str:
        return self.path


class VersionSource(models.Model):
    """A version as approved for one source.

    `is_open` is a projection that `tracking.requests` writes through `catalog.services.bindings`:
    whether a delivery of this version to this source is under way. Arriving events are also
    validated against open versions, for the candidate verdict.
    """

    version = models.ForeignKey(Version, models.CASCADE, related_name="for_sources")
    source = models.ForeignKey("catalog.Source", models.PROTECT, related_name="versions")
    change_kind = models.CharField(max_length=8, choices=ChangeKind)
    is_open = models.BooleanField(default=False)
    is_superseded = models.BooleanField(default=False)

    class Meta:
        ordering = ("version", "source")
        constraints = [models.UniqueConstraint(fields=("version", "source"), name="version_source_once")]
        indexes = [
            models.Index(fields=("source",), condition=models.Q(is_open=True), name="version_source_open"),
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.source}"
