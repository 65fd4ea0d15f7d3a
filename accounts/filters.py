"""Filters of the lists of teams and tokens."""

from __future__ import annotations

import django_filters
from django.db.models import Q

from accounts.models import ApiToken, Team
from accounts.models.team import TeamQuerySet
from accounts.models.token import ApiTokenQuerySet


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
