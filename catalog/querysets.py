"""Adjectives of events, properties, versions and sources."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import models
from django.db.models import Case, Count, F, Func, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.choices import Freshness, Status
from catalog.contract import name_hash
from catalog.rhythm import patience_of_row
from catalog.search import prefix_query

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from catalog.models import Event, Property, Source, Version  # noqa: F401  named in strings below

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Where an event that never arrived stands among those that did."""

SEEN_ORDER = Coalesce("last_seen_at", Value(NEVER), output_field=models.DateTimeField())
"""`last_seen_at` without nulls, so that lists and cursor pages can be ordered by it."""

EXACT = 10_000_000
"""The rank of an event whose name, past or present, is the very text that was searched for."""

RANK_STEPS = 1_000_000


def _ranked(query: SearchQuery) -> Cast:
    """Return the rank as a whole number: cursor pages compare it, and fractions would not come back the same."""
    return Cast(SearchRank(F("search"), query) * RANK_STEPS, models.IntegerField())


def _holds(field: str, text: str) -> Q:
    """Return the condition that a field holds the text somewhere; nothing holds a text of nothing."""
    part = text.replace("\0", "").strip()
    return Q(**{f"{field}__icontains": part}) if part else Q(pk__in=[])


class EventQuerySet(models.QuerySet["Event"]):
    """Events."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those that a person may read: all, or none for whoever may not read the catalog."""
        return self if can(user, Capability.CATALOG_VIEW) else self.none()

    def live(self) -> Self:
        """Those that are live."""
        return self.filter(status=Status.LIVE)

    def named(self, call: str, name: str) -> Self:
        """The event, if any, that has or had this name."""
        return self.filter(names__call=call, names__name_hash=name_hash(name))

    def sent_by(self, *, sources: Iterable["Source"] = (), platforms: Iterable[str] = ()) -> Self:
        """Those with a version approved for one of the sources, or for a source of one of the platforms."""
        rows = apps.get_model("catalog", "VersionSource").objects.filter(
            Q(source__in=list(sources)) | Q(source__platform__in=list(platforms)), version__withdrawn_at=None
        )
        return self.filter(pk__in=rows.values("version__event"))

    def having(self, property_id: int) -> Self:
        """Those whose shown version has a property of the library."""
        shown = Coalesce("version__event__live_version", "version__event__newest_version")
        uses = apps.get_model("catalog", "VersionProperty").objects.filter(property=property_id, version=shown)
        return self.filter(pk__in=uses.values("version__event"))

    def fresh(self, freshness: Freshness | str) -> Self:
        """Those that are received, have gone quiet by their own rhythm, or never came."""
        since = Value(timezone.now()) - patience_of_row()
        match Freshness(freshness):
            case Freshness.RECEIVING:
                return self.filter(last_seen_at__gte=since)
            case Freshness.QUIET:
                return self.filter(last_seen_at__lt=since)
            case Freshness.NEVER:
                return self.filter(last_seen_at=None)

    def search(self, text: str) -> Self:
        """Those whose name or words have every word of the text, each at least as the start of one; best first.

        A name that an event had once finds it as well. Each has `rank`, a whole number.
        """
        names = apps.get_model("catalog", "EventName").objects.filter(name_hash=name_hash(text.strip()))
        exact = list(names.values_list("event", flat=True))
        query = prefix_query(text)
        if query is None:
            found = self.filter(Q(pk__in=exact) | _holds("name", text))
            ranked = found.annotate(rank=Value(EXACT, models.IntegerField()))
        else:
            found = self.filter(Q(search=query) | Q(pk__in=exact))
            ranked = found.annotate(rank=Case(When(pk__in=exact, then=Value(EXACT)), default=_ranked(query)))
        return ranked.order_by("-rank", "name", "id")

    def allowing(self, value: str) -> Self:
        """Those whose shown version lists a value that holds this text, in any case; none for an empty text.

        It reads every shown definition, so it is for when nothing else was found.
        """
        text = value.replace("\0", "").strip()
        if not text:
            return self.none()
        # "q" takes the text as it is, "i" in any case; a JSON string is also a string of a path.
        path = f'$.**.enum[*] ? (@ like_regex {json.dumps(text)} flag "iq")'
        shown = Coalesce("live_version__definition", "newest_version__definition")
        lists = Func(
            shown,
            Value(path),
            function="jsonb_path_exists",
            template="%(function)s(%(expressions)s::jsonpath)",
            output_field=models.BooleanField(),
        )
        return self.filter(lists)

    def with_list_data(self) -> Self:
        """Each with what a row of a list shows, in two queries; `platforms` are those of its sources."""
        sources = apps.get_model("catalog", "VersionSource").objects.filter(
            version__event=OuterRef("pk"), version__withdrawn_at=None
        )
        return (
            self.select_related("category", "owner_team", "live_version", "newest_version")
            .defer(
                "search",
                "live_version__definition",
                "live_version__comparison",
                "newest_version__definition",
                "newest_version__comparison",
            )
            .annotate(
                platforms=ArraySubquery(
                    sources.order_by("source__platform").values_list("source__platform", flat=True).distinct()
                )
            )
            .prefetch_related("tags")
        )

    def with_page_data(self) -> Self:
        """Each with what its page shows at the head: list data, owners with their people, names, and successor."""
        return self.with_list_data().select_related("successor").prefetch_related("owners__person", "names")


class PropertyQuerySet(models.QuerySet["Property"]):
    """Entries of the property library."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those that a person may read: all, or none for whoever may not read the catalog."""
        return self if can(user, Capability.CATALOG_VIEW) else self.none()

    def search(self, text: str) -> Self:
        """Those whose name or words have every word of the text; best first, with `rank`."""
        query = prefix_query(text)
        if query is None:
            found = self.filter(_holds("name", text))
            return found.annotate(rank=Value(EXACT, models.IntegerField())).order_by("-rank", "name", "id")
        rank = Case(When(name=text.strip(), then=Value(EXACT)), default=_ranked(query))
        return self.filter(search=query).annotate(rank=rank).order_by("-rank", "name", "id")

    def used(self) -> Self:
        """Those that the shown version of some event has."""
        return self.filter(pk__in=self._uses().values("property"))

    def with_list_data(self) -> Self:
        """Each with its team and `use_count`: how many events have it in the version that their page shows."""
        uses = self._uses().filter(property=OuterRef("pk")).order_by().values("property")
        count = uses.annotate(count=Count("version__event", distinct=True)).values("count")
        return self.select_related("owner_team").annotate(use_count=Coalesce(Subquery(count), 0))

    @staticmethod
    def _uses() -> models.QuerySet[models.Model]:
        shown = Coalesce("version__event__live_version", "version__event__newest_version")
        return apps.get_model("catalog", "VersionProperty").objects.filter(property__isnull=False, version=shown)


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions."""

    def standing(self) -> Self:
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)

    def approved_for(self, source: "Source") -> Self:
        """Those approved for a source and not taken back."""
        return self.standing().filter(for_sources__source=source)

    def with_list_data(self) -> Self:
        """Each with its event, author and parent's number, without the definition itself."""
        return self.select_related("event", "created_by", "parent").defer(
            "definition", "comparison", "parent__definition", "parent__comparison"
        )


class SourceQuerySet(models.QuerySet["Source"]):
    """Sources."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those that a person may read: all, or none for whoever may not read the catalog."""
        return self if can(user, Capability.CATALOG_VIEW) else self.none()

    def search(self, text: str) -> Self:
        """Those whose name, slug or description holds the text."""
        return self.filter(_holds("name", text) | _holds("slug", text) | _holds("description", text))

    def sending(self, event: "Event") -> Self:
        """Those that a version of the event is approved for."""
        return self.filter(versions__version__event=event, versions__version__withdrawn_at=None).distinct()

    def with_list_data(self) -> Self:
        """Each with its team, and `last_seen_at`: when one of its keys was last used."""
        return self.select_related("owner_team").annotate(last_seen_at=Max("write_keys__last_seen_at"))
