"""Events: the named things that happen, their names through time, and who answers for them."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils.text import slugify

from catalog.choices import Call, Health, Kind, OwnerRole, Status
from catalog.querysets import SEEN_ORDER, EventQuerySet
from catalog.search import searchable


class Event(models.Model):
    """A named thing that happens, known by (call, name).

    What it says lives in its versions. `status`, `health`, `last_seen_at`, `volume` and the two
    version pointers are projections, written by `catalog.services.projections` alone.
    """

    call = models.CharField(max_length=16, choices=Call, default=Call.TRACK)
    name = models.CharField(max_length=512)
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.STANDARD)
    tier = models.PositiveSmallIntegerField(default=3)
    category = models.ForeignKey("catalog.Category", models.PROTECT, null=True, blank=True, related_name="events")
    tags = models.ManyToManyField("catalog.Tag", blank=True, related_name="events")
    owner_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="events")
    owner_text = models.CharField(max_length=200, blank=True, help_text="The owner as an import named it")

    status = models.CharField(max_length=16, choices=Status, default=Status.PLANNED)
    live_version = models.ForeignKey("catalog.Version", models.PROTECT, null=True, blank=True, related_name="+")
    newest_version = models.ForeignKey("catalog.Version", models.PROTECT, null=True, blank=True, related_name="+")
    live_since = models.DateTimeField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    ends_on = models.DateField(null=True, blank=True)
    health = models.CharField(max_length=16, choices=Health, default=Health.UNKNOWN)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    volume = models.BigIntegerField(default=0, help_text="Production events of the last 30 days")
    property_count = models.PositiveIntegerField(default=0)
    search = searchable("name", "title", "description")

    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = EventQuerySet.as_manager()

    # What querysets add: `search` the rank, `with_list_data` the platforms of its sources.
    rank: int
    platforms: list[str]

    class Meta:
        ordering = ("name", "id")
        indexes = [
            GinIndex(fields=("search",), name="event_search"),
            models.Index(fields=("name", "id"), name="event_by_name"),
            models.Index(fields=("status", "name", "id"), name="event_by_status"),
            models.Index(fields=("-updated_at", "-id"), name="event_by_change"),
            models.Index(fields=("-volume", "-id"), name="event_by_volume"),
            models.Index(SEEN_ORDER.desc(), models.F("id").desc(), name="event_by_seen"),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(tier__range=(1, 3)), name="event_tier_known")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:event", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """The readable half of the page's address; never looked up, so any name will do."""
        return slugify(self.name)[:60] or "event"

    @property
    def shown_version_id(self) -> int | None:
        """The version that the page shows: the newest live one, else the newest approved."""
        return self.live_version_id or self.newest_version_id


class EventName(models.Model):
    """A name that an event has or had: a renamed event still matches what old apps send."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="names")
    call = models.CharField(max_length=16, choices=Call)
    name = models.CharField(max_length=512)
    name_hash = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-since", "-id")
        constraints = [models.UniqueConstraint(fields=("call", "name_hash"), name="event_name_once")]

    def __str__(self) -> str:
        return f"{self.call} {self.name}"


class Ownership(models.Model):
    """A person with a role on an event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="owners")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ownerships")
    role = models.CharField(max_length=16, choices=OwnerRole)

    class Meta:
        ordering = ("role", "id")
        constraints = [models.UniqueConstraint(fields=("event", "person", "role"), name="ownership_once")]

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"
