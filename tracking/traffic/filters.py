"""How lists of traffic and samples are narrowed; pages and API share these."""

from __future__ import annotations

from datetime import datetime

import django_filters

from catalog.choices import Environment
from catalog.contract import name_hash
from catalog.models import Event, Source
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.models import Sample, SeenName, TrafficCount
from tracking.traffic.querysets import SampleQuerySet, SeenNameQuerySet, TrafficCountQuerySet


class EventOrName(django_filters.CharFilter):
    """An event of the catalog by its id, or whatever arrived under a name."""

    def filter(
        self, qs: TrafficCountQuerySet | SampleQuerySet, value: str | None
    ) -> TrafficCountQuerySet | SampleQuerySet:
        """Rows of the event under all its names, or of the very name."""
        if not value:
            return qs
        if value.isdecimal() and len(value) < 19 and Event.objects.filter(pk=int(value)).exists():
            return qs.of(int(value))
        return qs.filter(seen_name__name_hash=name_hash(value))


class ArrivedFilter(django_filters.FilterSet):
    """What counts and samples have in common."""

    event = EventOrName(label="Event")
    source = django_filters.ModelChoiceFilter(
        queryset=Source.objects.order_by("name", "id"), to_field_name="slug", label="Source", empty_label="All"
    )
    environment = django_filters.ChoiceFilter(choices=Environment.choices, label="Environment", empty_label="All")
    verdict = django_filters.ChoiceFilter(choices=VerdictChoice.choices, label="Verdict", empty_label="All")


class TrafficFilter(ArrivedFilter):
    """`?event=&source=&environment=&verdict=&since=`; `since` counts from the beginning of its hour."""

    since = django_filters.IsoDateTimeFilter(method="from_hour", label="Since")

    class Meta:
        model = TrafficCount
        fields: tuple[str, ...] = ()

    def from_hour(self, queryset: TrafficCountQuerySet, name: str, value: datetime) -> TrafficCountQuerySet:
        """Counts of the hour of `value` and later ones."""
        return queryset.since(value)


class SampleFilter(ArrivedFilter):
    """`?event=&source=&environment=&verdict=&app_version=&since=&repeats=`."""

    app_version = django_filters.CharFilter(label="App version")
    since = django_filters.IsoDateTimeFilter(field_name="received_at", lookup_expr="gte", label="Since")
    repeats = django_filters.BooleanFilter(field_name="is_repeat", label="Repeats")

    class Meta:
        model = Sample
        fields: tuple[str, ...] = ()


class SeenNameFilter(django_filters.FilterSet):
    """`?q=` finds names that hold the text; `?undocumented=true` those that nobody defined."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Name")
    undocumented = django_filters.BooleanFilter(method="by_definition", label="Undocumented")

    class Meta:
        model = SeenName
        fields: tuple[str, ...] = ()

    def by_definition(self, queryset: SeenNameQuerySet, name: str, value: bool) -> SeenNameQuerySet:
        """Names without an event, where asked for."""
        return queryset.undocumented() if value else queryset
