"""Teams, and who is in them."""

from __future__ import annotations

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.current_user import current_user
from accounts.filters import TeamFilter
from accounts.models import Team
from accounts.permissions import WHOLE_COMPANY, can
from accounts.roles import Capability

PAGE_SIZE = 50


@login_required
def teams(request: HttpRequest) -> HttpResponse:
    """All teams by name."""
    filtered = TeamFilter(request.GET, queryset=Team.objects.with_member_count())
    context = {
        "filter": filtered,
        "page": Paginator(filtered.qs, PAGE_SIZE).get_page(request.GET.get("page")),
        "total": Team.objects.count(),
        "list_url": reverse("teams"),
        "add_url": reverse("admin:accounts_team_add"),
        "may_manage": can(current_user(request), Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY),
    }
    return render(request, "accounts/teams.html", context)


@login_required
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """One team: its contact, its policy, its active people with their roles."""
    found = get_object_or_404(Team, slug=slug)
    active_memberships = (
        found.memberships.filter(user__is_active=True).select_related("user").order_by("user__username", "role")
    )
    members = [
        (user, [membership.get_role_display() for membership in memberships])
        for user, memberships in groupby(active_memberships, key=lambda membership: membership.user)
    ]
    context = {
        "team": found,
        "members": members,
        "change_url": reverse("admin:accounts_team_change", args=[found.pk]),
        "may_manage": can(current_user(request), Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY),
    }
    return render(request, "accounts/team.html", context)
