"""Filters of findings, shared by the page and the API."""

import django_filters
from django.db.models import Q, QuerySet
from django.forms import TextInput

from catalog.choices import Environment
from catalog.contract import name_hash
from catalog.models import Source
from catalog.search import SquashedName, squashed_text
from pages.filters import (
    EventFilterSet,
    ExactFilter,
    MultiRelatedFilter,
    MultiValueFilter,
    OpenChoiceFilter,
    YesNoFilter,
)
from tracking.quality.choices import FindingState, SeverityChoice
from tracking.quality.explanations import rule_choices
from tracking.quality.models import Finding, FindingQuerySet


class FindingFilter(EventFilterSet):
    """Which findings a list shows."""

    q = django_filters.CharFilter(
        label="Search",
        method="by_text",
        widget=TextInput(attrs={"type": "search", "placeholder": "Event, path or rule"}),
    )
    name = ExactFilter(label="Event name", method="by_event_name", help_text="The exact name that arrived")
    environment = MultiValueFilter(label="Environment", choices=Environment.choices)
    state = MultiValueFilter(label="State", choices=FindingState.choices)
    severity = MultiValueFilter(label="Severity", choices=SeverityChoice.choices)
    rule = OpenChoiceFilter(label="Rule", choices=rule_choices, help_text="The code of a rule")
    resolved_in = ExactFilter(label="Resolved in", widget=TextInput, help_text="An app version, as it was named")
    source = MultiRelatedFilter(
        label="Source", field_name="source__slug", queryset=Source.objects.all(), to_field_name="slug"
    )
    mine = YesNoFilter(label="Mine", method="by_owner")
    sort = django_filters.OrderingFilter(
        fields=(("last_seen", "last_seen"), ("first_seen", "first_seen"), ("count", "count"), ("rule", "rule")),
        label="Sort",
    )

    class Meta:
        model = Finding
        fields = ("q", "event", "name", "environment", "state", "severity", "rule", "resolved_in", "source", "mine")

    def by_text(self, queryset: QuerySet, _name: str, text: str) -> QuerySet:
        """Findings whose name, path or rule holds the text; of a name, any spelling that people read as it."""
        condition = Q(pk__in=[])
        for field in ("seen_name__name", "path", "rule"):
            condition |= Q(**{f"{field}__icontains": text.replace("\0", "")})
        if squashed := squashed_text(text):
            condition |= Q(squashed__contains=squashed)
        return queryset.alias(squashed=SquashedName("seen_name__name")).filter(condition)

    def by_event(self, queryset: FindingQuerySet, _name: str, event_id: int) -> QuerySet:
        return queryset.of_event(event_id)

    def by_event_name(self, queryset: QuerySet, _name: str, name: str) -> QuerySet:
        return queryset.filter(seen_name__name_hash=name_hash(name))

    def by_owner(self, queryset: QuerySet, _name: str, mine: bool) -> QuerySet:
        return queryset.filter(owner=self.request.user) if mine and self.request else queryset
