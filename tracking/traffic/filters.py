"""How lists of traffic are narrowed."""

from __future__ import annotations

from datetime import datetime

import django_filters

from catalog.choices import Environment
from catalog.contract import name_hash
from catalog.models import Event, Source
from pages.filters import UtcDateTimeFilter
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.models import TrafficCount
from tracking.traffic.models.rollup import TrafficCountQuerySet


class EventOrNameFilter(django_filters.CharFilter):
    """An event of the catalog by its id, or whatever arrived under a name."""

    def filter(self, qs: TrafficCountQuerySet, value: str | None) -> TrafficCountQuerySet:
        """Rows of the event under all its names, or of the very name."""
        if not value:
            return qs
        if value.isdecimal() and len(value) < 19 and Event.objects.filter(pk=int(value)).exists():
            return qs.of_event(int(value))
        return qs.filter(seen_name__name_hash=name_hash(value))


class TrafficFilter(django_filters.FilterSet):
    """`?event=&source=&environment=&verdict=&since=`; `since` counts from the beginning of its hour."""

    event = EventOrNameFilter(label="Event")
    source = django_filters.ModelChoiceFilter(
        queryset=Source.objects.order_by("name", "id"), to_field_name="slug", label="Source", empty_label="All"
    )
    environment = django_filters.ChoiceFilter(choices=Environment.choices, label="Environment", empty_label="All")
    verdict = django_filters.ChoiceFilter(choices=VerdictChoice.choices, label="Verdict", empty_label="All")
    since = UtcDateTimeFilter(method="from_hour", label="Since")

    class Meta:
        model = TrafficCount
        fields: tuple[str, ...] = ()

    def from_hour(self, queryset: TrafficCountQuerySet, name: str, value: datetime) -> TrafficCountQuerySet:
        """Counts of the hour of `value` and later ones."""
        return queryset.since(value)
