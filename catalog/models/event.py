"""Events: the named things that happen, with their present and former names and their owners."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from accounts.permissions import WHOLE_COMPANY, can
from accounts.roles import Capability
from catalog.choices import Call, Freshness, Health, Kind, OwnerRole, Status
from catalog.contract import fold_name, name_hash
from catalog.event_freshness import max_silence_expression
from catalog.models.event_value import MAX_VALUES_FOUND, EventValue, ListedValue
from catalog.models.version import VersionProperty, VersionSource
from catalog.search import EXACT_MATCH_RANK, _contains, _integer_rank, prefix_query, search_vector_field

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from catalog.models.source import Source

NEVER_SEEN = datetime(1970, 1, 1, tzinfo=UTC)
"""The time by which events that never arrived are sorted."""


MAX_FOLDED_MATCHES = 1_000
"""How many events a search finds by the beginning of their folded names, beside those that its words find."""

LAST_SEEN_ORDER = Coalesce("last_seen_at", Value(NEVER_SEEN), output_field=models.DateTimeField())
"""`last_seen_at` without nulls, so that lists and cursor pages can be ordered by it."""


class EventQuerySet(models.QuerySet["Event"]):
    """Events."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those that a person may read: all, or none for whoever may not read the catalog."""
        return self if can(user, Capability.CATALOG_VIEW, on=WHOLE_COMPANY) else self.none()

    def live(self) -> Self:
        """Those that are live."""
        return self.filter(status=Status.LIVE)

    def named(self, call: str, name: str) -> Self:
        """The event, if any, that has or had this name."""
        return self.filter(names__call=call, names__name_hash=name_hash(name))

    def with_name(self, name: str) -> Self:
        """Those that have or had this name, whatever their call."""
        # With every call, as the index has them.
        named = EventName.objects.filter(call__in=Call.values, name_hash=name_hash(name))
        return self.filter(pk__in=named.values("event"))

    def sent_by(self, *, sources: Iterable["Source"] = (), platforms: Iterable[str] = ()) -> Self:
        """Those with a version approved for one of the sources, or for a source of one of the platforms."""
        rows = VersionSource.objects.filter(
            Q(source__in=list(sources)) | Q(source__platform__in=list(platforms)), version__withdrawn_at=None
        )
        return self.filter(pk__in=rows.values("version__event"))

    def with_property(self, property_id: int) -> Self:
        """Those whose shown version has a property of the library."""
        shown = Coalesce("version__event__live_version", "version__event__newest_version")
        uses = VersionProperty.objects.filter(property=property_id, version=shown)
        return self.filter(pk__in=uses.values("version__event"))

    def with_freshness(self, freshness: Freshness | str) -> Self:
        """Those that are received, are quiet for longer than usual, or never arrived."""
        since = Value(timezone.now()) - max_silence_expression()
        match Freshness(freshness):
            case Freshness.RECEIVING:
                return self.filter(last_seen_at__gte=since)
            case Freshness.QUIET:
                return self.filter(last_seen_at__lt=since)
            case Freshness.NEVER:
                return self.filter(last_seen_at=None)

    def search(self, text: str) -> Self:
        """Those whose name or words have every word of the text, each at least as the start of one; best first.

        A name that an event had once finds it as well, and so does one that people read as the text, or as its
        beginning. Each has `rank`, a whole number: the very name, past or present, comes first, then one that reads
        as the text.
        """
        folded = fold_name(text)
        names = EventName.objects.filter(folded_name__startswith=folded) if folded else EventName.objects.none()
        rows = list(names.order_by("pk").values_list("event", "name_hash", "folded_name")[:MAX_FOLDED_MATCHES])
        digest = name_hash(text.strip())
        exact = [pk for pk, hashed, _ in rows if bytes(hashed) == digest]
        alike = [pk for pk, _, name in rows if name == folded]
        found_by_name = Q(pk__in={pk for pk, _, _ in rows})
        query = prefix_query(text)
        found = self.filter(found_by_name | (_contains("name", text) if query is None else Q(search=query)))
        rank = _integer_rank(query)
        best = (
            When(pk__in=exact, then=Value(EXACT_MATCH_RANK)),
            When(pk__in=alike, then=Value(EXACT_MATCH_RANK - 1)),
        )
        ranked = found.annotate(rank=Case(*best, default=rank, output_field=models.IntegerField()))
        return ranked.order_by("-rank", "name", "id")

    def allowing_value(self, value: str) -> Self:
        """Those whose shown version lists a value that has every word of this text, as `ListedValue` finds them.

        None for an empty text.
        """
        # Found first, so that PostgreSQL knows how many events each of them has.
        ids = list(ListedValue.objects.search(value).values_list("pk", flat=True)[:MAX_VALUES_FOUND])
        return self.filter(pk__in=EventValue.objects.filter(value__in=ids).values("event")) if ids else self.none()

    def with_list_data(self) -> Self:
        """Each with what a row of a list shows, in two queries; `platforms` are those of its sources."""
        return (
            self.select_related("category", "owner_team", "live_version", "newest_version")
            .defer(
                "search",
                "live_version__definition",
                "live_version__comparison",
                "newest_version__definition",
                "newest_version__comparison",
            )
            .annotate(platforms=self._platforms())
            .prefetch_related("tags")
        )

    @staticmethod
    def _platforms() -> ArraySubquery:
        """The platforms of an event's sources, each once."""
        sources = VersionSource.objects.filter(version__event=OuterRef("pk"), version__withdrawn_at=None)
        platforms = sources.order_by("source__platform").values_list("source__platform", flat=True)
        return ArraySubquery(platforms.distinct())

    def with_row_data(self) -> Self:
        """Each with what a row of the catalog's page shows, in one query: neither versions nor tags."""
        return (
            self.select_related("category", "owner_team")
            .defer("search", "title", "category__description", "owner_team__contact")
            .annotate(platforms=self._platforms())
        )

    def with_result_data(self) -> Self:
        """Each with what a line about it shows, and nothing else: name, description, status, health, last change."""
        return self.only("name", "description", "status", "health", "updated_at")

    def with_page_data(self) -> Self:
        """Each with what its page shows at the head: category, team, successor, tags, names, owners and people."""
        owners = models.Prefetch("owners", Ownership.objects.select_related("person"))
        return (
            self.select_related("category", "owner_team", "successor")
            .defer("search", "successor__search", "successor__description")
            .prefetch_related("tags", owners, "names")
        )


class Event(models.Model):
    """A named thing that happens, known by (call, name).

    Its definition is in its versions. `status`, `health`, `last_seen_at`, `volume` and the two
    version pointers are projections, written by `catalog.services.event_projections` alone.
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
    search = search_vector_field("name", "title", "description")

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
            models.Index(fields=("status", "health"), name="event_counts"),
            models.Index(fields=("-updated_at", "-id"), name="event_by_change"),
            models.Index(fields=("-volume", "-id"), name="event_by_volume"),
            models.Index(LAST_SEEN_ORDER.desc(), models.F("id").desc(), name="event_by_seen"),
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
    folded_name = models.CharField(max_length=512, editable=False, help_text="By which names that read alike are found")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-since", "-id")
        indexes = [
            # The operator class serves equality and beginnings, whatever the collation.
            models.Index(fields=("folded_name",), opclasses=("varchar_pattern_ops",), name="event_name_by_folding"),
        ]
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
