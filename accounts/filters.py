"""Filters of the lists of teams and tokens, and of the audit log."""

from __future__ import annotations

import django_filters
from django.db.models import Q
from django.forms import TextInput

from accounts.models import ApiToken, AuditEntry, AuditKind, Team, User
from accounts.models.audit_entry import AuditEntryQuerySet
from accounts.models.team import TeamQuerySet
from accounts.models.token import ApiTokenQuerySet
from pages.filters import DayFilter, ExactFilter, MultiValueFilter


class TeamFilter(django_filters.FilterSet):
    """`?q=` finds teams by name, slug, or a member's name."""

    q = django_filters.CharFilter(method="search", label="Name or member")

    class Meta:
        model = Team
        fields: tuple[str, ...] = ()

    def search(self, queryset: TeamQuerySet, name: str, value: str) -> TeamQuerySet:
        """Teams where each word is part of the name, the slug or an active member's name."""
        for word in value.split():
            member = Team.objects.filter(
                Q(memberships__user__name__icontains=word) | Q(memberships__user__username__icontains=word),
                memberships__user__is_active=True,
            )
            queryset = queryset.filter(
                Q(name__icontains=word) | Q(slug__icontains=word) | Q(pk__in=member.values("pk"))
            )
        return queryset


class TokenFilter(django_filters.FilterSet):
    """`?state=usable` or `?state=ended`."""

    STATES = (("usable", "Usable"), ("ended", "Revoked or expired"))

    state = django_filters.ChoiceFilter(choices=STATES, method="by_state", label="State", empty_label="All")

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: ApiTokenQuerySet, name: str, value: str) -> ApiTokenQuerySet:
        """Tokens that can still be used, or those that cannot."""
        return queryset.usable() if value == "usable" else queryset.ended()


class AuditFilter(django_filters.FilterSet):
    """Which entries of the audit log a list shows. `?person=` takes a username, as the links of the list do."""

    q = django_filters.CharFilter(method="by_name", label="Name of a person")
    person = ExactFilter(label="Person", method="by_username")
    kind = MultiValueFilter(label="What", choices=AuditKind.choices)
    network = django_filters.CharFilter(label="Network", widget=TextInput)
    since = DayFilter(label="From", field_name="at", bound="gte")
    until = DayFilter(label="To", field_name="at", bound="lt")
    sort = django_filters.OrderingFilter(fields=(("at", "at"), ("times", "times")), label="Sort")

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()

    def by_name(self, queryset: AuditEntryQuerySet, name: str, value: str) -> AuditEntryQuerySet:
        """Entries of people whose name or username holds each word, as whoever it is about or who acted."""
        for word in value.split():
            people = User.objects.filter(Q(name__icontains=word) | Q(username__icontains=word))
            queryset = queryset.filter(Q(person__in=people) | Q(by__in=people))
        return queryset

    def by_username(self, queryset: AuditEntryQuerySet, name: str, value: str) -> AuditEntryQuerySet:
        """Entries about one person, and of what they did to others."""
        people = User.objects.with_username(value)
        return queryset.filter(Q(person__in=people) | Q(by__in=people))
