"""How lists of traffic are narrowed."""

from __future__ import annotations

from datetime import datetime

import django_filters

from catalog.choices import Environment
from catalog.contract import name_hash
from catalog.models import Source
from pages.filters import (
    EventFilterSet,
    ExactFilter,
    MultiRelatedFilter,
    MultiValueFilter,
    UtcDateTimeFilter,
    YesNoFilter,
)
from tracking.traffic.choices import ThrottleBound, VerdictChoice
from tracking.traffic.models import ThrottledKey, TrafficCount
from tracking.traffic.models.rollup import TrafficCountQuerySet


class TrafficFilter(EventFilterSet):
    """`?event=&name=&source=&environment=&verdict=&since=`; `since` counts from the beginning of its hour."""

    name = ExactFilter(label="Event name", method="by_event_name", help_text="The exact name that arrived")
    source = django_filters.ModelChoiceFilter(
        queryset=Source.objects.order_by("name", "id"), to_field_name="slug", label="Source", empty_label="All"
    )
    environment = django_filters.ChoiceFilter(choices=Environment.choices, label="Environment", empty_label="All")
    verdict = django_filters.ChoiceFilter(choices=VerdictChoice.choices, label="Verdict", empty_label="All")
    since = UtcDateTimeFilter(method="from_hour", label="Since")

    class Meta:
        model = TrafficCount
        fields: tuple[str, ...] = ()

    def by_event(self, queryset: TrafficCountQuerySet, _name: str, event_id: int) -> TrafficCountQuerySet:
        """Counts of the event under all its names."""
        return queryset.of_event(event_id)

    def by_event_name(self, queryset: TrafficCountQuerySet, _name: str, name: str) -> TrafficCountQuerySet:
        """Counts of the very name, whatever its call."""
        return queryset.filter(seen_name__name_hash=name_hash(name))

    def from_hour(self, queryset: TrafficCountQuerySet, name: str, value: datetime) -> TrafficCountQuerySet:
        """Counts of the hour of `value` and later ones."""
        return queryset.since(value)


class ThrottledKeyFilter(django_filters.FilterSet):
    """Which throttled keys a list shows."""

    now = YesNoFilter(label="Being throttled", field_name="is_now")
    source = MultiRelatedFilter(
        label="Source", field_name="write_key__source__slug", queryset=Source.objects.all(), to_field_name="slug"
    )
    environment = MultiValueFilter(
        label="Environment", field_name="write_key__environment", choices=Environment.choices
    )
    bound = MultiValueFilter(label="Bound", choices=ThrottleBound.choices)
    sort = django_filters.OrderingFilter(
        fields=(("last_at", "last"), ("since", "since"), ("requests", "requests"), ("size", "size")), label="Sort"
    )

    class Meta:
        model = ThrottledKey
        fields: tuple[str, ...] = ()
