"""Filters of the catalog's lists, shared by the pages and the API."""

from datetime import date

import django_filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Team
from catalog.choices import (
    Call,
    ChangeKind,
    Environment,
    Freshness,
    Health,
    Kind,
    Origin,
    Platform,
    Sensitivity,
    Status,
    VersionFrom,
)
from catalog.models import Category, Deploy, Event, Property, Source, Tag, Version, VersionSource
from catalog.models.event import LAST_SEEN_ORDER, EventQuerySet
from catalog.models.property import PropertyQuerySet
from catalog.models.source import SourceQuerySet
from catalog.models.version import VersionQuerySet
from pages.filters import (
    DueWithinFilter,
    EventFilterSet,
    ExactFilter,
    IdFilter,
    MultiRelatedFilter,
    MultiValueFilter,
    YesNoFilter,
)

TIER_CHOICES = ((1, "Tier 1"), (2, "Tier 2"), (3, "Tier 3"))


class SearchInput(forms.TextInput):
    """A field to search in."""

    input_type = "search"


class StableOrdering(django_filters.OrderingFilter):
    """An order that the row's key completes, in the direction of the order itself, as the indexes are built."""

    def filter(self, qs: QuerySet, value: list[str] | None) -> QuerySet:
        ordering = [self.get_ordering_value(param) for param in value or () if param]  # `sort=name,` names nothing last
        if not ordering:
            return qs
        if any(field.lstrip("-") == "seen_order" for field in ordering):
            qs = qs.annotate(seen_order=LAST_SEEN_ORDER)
        return qs.order_by(*ordering, "-id" if ordering[-1].startswith("-") else "id")


class EventFilter(EventFilterSet):
    """Which events a list shows. Several values of one filter widen it, several filters narrow it."""

    q = django_filters.CharFilter(
        label="Search", method="by_text", widget=SearchInput(attrs={"placeholder": "Name or words"})
    )
    name = ExactFilter(label="Name", method="by_event_name", help_text="An event's exact name, as it is or once was")
    status = MultiValueFilter(label="Status", choices=Status.choices)
    health = MultiValueFilter(label="Health", choices=Health.choices)
    freshness = django_filters.ChoiceFilter(label="Freshness", choices=Freshness.choices, method="by_freshness")
    kind = MultiValueFilter(label="Kind", choices=Kind.choices)
    call = MultiValueFilter(label="Call", choices=Call.choices)
    category = MultiRelatedFilter(
        label="Category", queryset=Category.objects.all(), to_field_name="slug", method="by_category"
    )
    tag = MultiRelatedFilter(label="Tag", queryset=Tag.objects.all(), to_field_name="slug", method="by_tag")
    team = MultiRelatedFilter(
        label="Owner team", field_name="owner_team__slug", queryset=Team.objects.all(), to_field_name="slug"
    )
    source = MultiRelatedFilter(label="Source", queryset=Source.objects.all(), to_field_name="slug", method="by_source")
    platform = MultiValueFilter(label="Platform", choices=Platform.choices, method="by_platform")
    tier = MultiValueFilter(label="Tier", choices=TIER_CHOICES)
    property = IdFilter(
        label="Property", method="by_property", help_text="The id of a library entry that the shown version has"
    )
    due_within = DueWithinFilter(
        label="Ends within (days)",
        method="by_due_day",
        help_text="Events whose end date comes within so many days, or is over, and that are not retired yet",
    )
    sort = StableOrdering(
        label="Sort",
        fields=(
            ("name", "name"),
            ("updated_at", "changed"),
            ("volume", "volume"),
            ("seen_order", "seen"),
            ("property_count", "properties"),
        ),
        field_labels={
            "name": "Name",
            "updated_at": "Changed",
            "volume": "Volume",
            "seen_order": "Last seen",
            "property_count": "Properties",
        },
    )

    class Meta:
        model = Event
        fields = ()

    def by_due_day(self, queryset: EventQuerySet, _name: str, day: date) -> QuerySet:
        """Events that end by a day."""
        return queryset.exclude(status=Status.RETIRED).filter(ends_on__lte=day)

    def by_text(self, queryset: EventQuerySet, _name: str, text: str) -> QuerySet:
        return queryset.search(text) if text.strip() else queryset

    def by_event(self, queryset: QuerySet, _name: str, event_id: int) -> QuerySet:
        return queryset.filter(pk=event_id)

    def by_event_name(self, queryset: QuerySet, _name: str, name: str) -> QuerySet:
        return queryset.filter(pk__in=Event.objects.with_name(name).values("pk"))

    def by_freshness(self, queryset: EventQuerySet, _name: str, freshness: str) -> QuerySet:
        return queryset.with_freshness(freshness)

    def by_category(self, queryset: EventQuerySet, _name: str, categories: list[Category]) -> QuerySet:
        return queryset.filter(category__in=with_descendants(categories)) if categories else queryset

    def by_tag(self, queryset: EventQuerySet, _name: str, tags: list[Tag]) -> QuerySet:
        through = Event.tags.through.objects.filter(tag__in=list(tags))
        return queryset.filter(pk__in=through.values("event")) if tags else queryset

    def by_source(self, queryset: EventQuerySet, _name: str, sources: list[Source]) -> QuerySet:
        return queryset.sent_by(sources=sources) if sources else queryset

    def by_platform(self, queryset: EventQuerySet, _name: str, platforms: list[str]) -> QuerySet:
        return queryset.sent_by(platforms=platforms) if platforms else queryset

    def by_property(self, queryset: EventQuerySet, _name: str, property_id: int) -> QuerySet:
        return queryset.with_property(property_id)


class PropertyFilter(django_filters.FilterSet):
    """Which entries of the property library a list shows."""

    q = django_filters.CharFilter(
        label="Search", method="by_text", widget=SearchInput(attrs={"placeholder": "Name or words"})
    )
    event = IdFilter(
        label="Event", method="by_event", help_text="The id of an event whose shown version has the property"
    )
    name = ExactFilter(label="Name", help_text="The property's exact name")
    sensitivity = MultiValueFilter(label="Sensitivity", choices=Sensitivity.choices)
    origin = MultiValueFilter(label="Origin", choices=Origin.choices)
    team = MultiRelatedFilter(
        label="Owner team", field_name="owner_team__slug", queryset=Team.objects.all(), to_field_name="slug"
    )
    used = YesNoFilter(label="Used by an event", method="by_use")
    sort = StableOrdering(
        label="Sort",
        fields=(("name", "name"), ("updated_at", "changed")),
        field_labels={"name": "Name", "updated_at": "Changed"},
    )

    class Meta:
        model = Property
        fields = ()

    def by_text(self, queryset: PropertyQuerySet, _name: str, text: str) -> QuerySet:
        return queryset.search(text) if text.strip() else queryset

    def by_event(self, queryset: PropertyQuerySet, _name: str, event_id: int) -> QuerySet:
        return queryset.filter(pk__in=Property.objects.of_event(event_id).values("pk"))

    def by_use(self, queryset: PropertyQuerySet, _name: str, used: bool) -> QuerySet:
        ids = Property.objects.used().values("pk")
        return queryset.filter(pk__in=ids) if used else queryset.exclude(pk__in=ids)


class SourceFilter(django_filters.FilterSet):
    """Which sources a list shows."""

    q = django_filters.CharFilter(
        label="Search", method="by_text", widget=SearchInput(attrs={"placeholder": "Name or description"})
    )
    event = IdFilter(label="Event", method="by_event", help_text="The id of an event that the source sends")
    name = ExactFilter(label="Name", help_text="The source's exact name")
    platform = MultiValueFilter(label="Platform", choices=Platform.choices)
    team = MultiRelatedFilter(
        label="Owner team", field_name="owner_team__slug", queryset=Team.objects.all(), to_field_name="slug"
    )
    version_from = MultiValueFilter(label="App version from", choices=VersionFrom.choices)
    sort = StableOrdering(
        label="Sort",
        fields=(("name", "name"), ("created_at", "created")),
        field_labels={"name": "Name", "created_at": "Created"},
    )

    class Meta:
        model = Source
        fields = ()

    def by_event(self, queryset: SourceQuerySet, _name: str, event_id: int) -> QuerySet:
        return queryset.filter(pk__in=Source.objects.sending(event_id).values("pk"))

    def by_text(self, queryset: SourceQuerySet, _name: str, text: str) -> QuerySet:
        return queryset.search(text) if text.strip() else queryset


class CategoryFilter(django_filters.FilterSet):
    """Filters of the list of categories."""

    parent = MultiRelatedFilter(
        label="Inside of", field_name="parent__slug", queryset=Category.objects.all(), to_field_name="slug"
    )

    class Meta:
        model = Category
        fields = ()


class DeployFilter(django_filters.FilterSet):
    """Which deploy markers of a source a list shows."""

    environment = MultiValueFilter(label="Environment", choices=Environment.choices)
    version = ExactFilter(label="App version", help_text="Exactly")

    class Meta:
        model = Deploy
        fields = ()


class VersionFilter(django_filters.FilterSet):
    """Which versions of an event a list shows."""

    change_kind = MultiValueFilter(label="Change", choices=ChangeKind.choices)
    source = MultiRelatedFilter(label="Source", queryset=Source.objects.all(), to_field_name="slug", method="by_source")
    origin_version = ExactFilter(label="Version at its origin", help_text="Exactly")
    withdrawn = YesNoFilter(label="Withdrawn", field_name="withdrawn_at", method="by_withdrawal")
    sort = StableOrdering(label="Sort", fields=(("created_at", "created"),), field_labels={"created_at": "Created"})

    class Meta:
        model = Version
        fields = ()

    def by_source(self, queryset: VersionQuerySet, _name: str, sources: list[Source]) -> QuerySet:
        if not sources:
            return queryset
        rows = VersionSource.objects.filter(source__in=list(sources))
        return queryset.filter(pk__in=rows.values("version"))

    def by_withdrawal(self, queryset: VersionQuerySet, _name: str, withdrawn: bool) -> QuerySet:
        return queryset.filter(withdrawn_at__isnull=not withdrawn)


def with_descendants(categories: list[Category]) -> set[int]:
    """Return the ids of categories and of all their descendants."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in Category.objects.values_list("pk", "parent"):
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    queue = [category.pk for category in categories]
    while queue:
        pk = queue.pop()
        if pk not in found:
            found.add(pk)
            queue += children.get(pk, [])
    return found
