"""Sources: the apps that send events, their write keys and their deploy markers."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import WHOLE_COMPANY, can
from accounts.roles import Capability
from catalog.choices import Environment, NullHandlingChoice, Platform, VersionFrom, VersionOrder
from catalog.search import _contains

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from catalog.models.event import Event


class SourceQuerySet(models.QuerySet["Source"]):
    """Sources."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those that a person may read: all, or none for whoever may not read the catalog."""
        return self if can(user, Capability.CATALOG_VIEW, on=WHOLE_COMPANY) else self.none()

    def search(self, text: str) -> Self:
        """Those whose name, slug or description holds the text."""
        return self.filter(_contains("name", text) | _contains("slug", text) | _contains("description", text))

    def sending(self, event: "Event | int") -> Self:
        """Those that a version of the event is approved for."""
        return self.filter(versions__version__event=event, versions__version__withdrawn_at=None).distinct()

    def with_list_data(self) -> Self:
        """Each with its team, and `last_seen_at`: when one of its keys was last used."""
        return self.select_related("owner_team").annotate(last_seen_at=Max("write_keys__last_seen_at"))


class Source(models.Model):
    """An app that sends events."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    platform = models.CharField(max_length=16, choices=Platform)
    owner_team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="sources")
    version_from = models.CharField(max_length=16, choices=VersionFrom, default=VersionFrom.PAYLOAD)
    version_path = models.CharField(
        max_length=200,
        blank=True,
        default="/context/app/version",
        help_text="JSON pointer into the normalised event, for example /context/app/version",
    )
    version_order = models.CharField(max_length=16, choices=VersionOrder, default=VersionOrder.SEMVER)
    version_format = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="Only where the app writes more than the version, for example app-{version} or {version}-{build}",
    )
    null_handling = models.CharField(
        "nulls of optional properties",
        max_length=16,
        choices=NullHandlingChoice,
        blank=True,
        default="",
        help_text="What a null means for an optional property that does not allow it. Empty: as the company says.",
    )
    max_events_per_second = models.PositiveIntegerField(
        "events a second",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="How many it may send, and each of its keys. Empty: as the installation says.",
    )
    max_bytes_per_second = models.PositiveIntegerField(
        "bytes a second",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="How many bytes of bodies it may send, and each of its keys. Empty: as the installation says.",
    )
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SourceQuerySet.as_manager()

    # What `with_list_data` adds: when one of its keys was last used.
    last_seen_at: datetime | None

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:source", args=[self.slug])

    @property
    def is_server(self) -> bool:
        """Whether its write key stays on machines of the company, so that its events weigh more as proof."""
        return self.platform == Platform.SERVER


class WriteKey(models.Model):
    """The key that a source sends with its events. Public by nature (it ships inside apps), so stored readable."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="write_keys")
    environment = models.CharField(max_length=16, choices=Environment)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    retires_at = models.DateTimeField(null=True, blank=True, help_text="End of the overlap after a rotation")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("source", "environment", "-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.source} {self.environment}"


class Deploy(models.Model):
    """A deploy marker: from when on a source ran a version in one environment."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="deploys")
    environment = models.CharField(max_length=16, choices=Environment)
    version = models.CharField(max_length=100)
    at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=("source", "environment", "-at"), name="deploy_newest")]
        constraints = [
            models.UniqueConstraint(fields=("source", "environment", "version", "at"), name="deploy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.version} ({self.environment})"
