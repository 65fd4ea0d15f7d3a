"""For which teams' things a person may do something, and who may do it for a team: what work lists rest on."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from accounts.models import Team, User
from accounts.permissions import WHOLE_COMPANY, can
from accounts.roles import GRANTS, Capability


@dataclass(frozen=True, slots=True)
class PermissionScope:
    """The teams for whose things a capability counts; `is_everywhere` also covers what no team owns."""

    is_everywhere: bool
    team_ids: frozenset[int]

    def as_condition(self, team_field: str) -> Q:
        """Return the condition that `team_field` names one of these teams; never true where there is none."""
        return ~Q(pk__in=()) if self.is_everywhere else Q(**{f"{team_field}__in": self.team_ids})


@dataclass(frozen=True, slots=True)
class _TeamOwned:
    """Something that a team owns."""

    team_id: int


def teams_for(user: User, capability: Capability) -> PermissionScope:
    """Return where a person may do something, as `accounts.permissions.can` decides it."""
    teams = {membership.team_id for membership in user.cached_memberships if membership.team_id is not None}
    return PermissionScope(
        is_everywhere=bool(can(user, capability, on=WHOLE_COMPANY)),
        team_ids=frozenset(team_id for team_id in teams if can(user, capability, on=_TeamOwned(team_id))),
    )


def people_with(capability: Capability, *, team: Team | None) -> models.QuerySet[User]:
    """Return the active people who may do something to what a team owns (None: to what no team owns), by name.

    It says in SQL what `accounts.permissions.can` says of one person who is signed in.
    """
    anywhere = [role for role, grant in GRANTS.items() if capability in grant.anywhere]
    in_team = [role for role, grant in GRANTS.items() if capability in grant.own_team]
    in_company = [role for role, grant in GRANTS.items() if capability in grant.own_team | grant.company]
    condition = Q(memberships__role__in=anywhere) | Q(memberships__role__in=in_company, memberships__team=None)
    if team is not None:
        condition |= Q(memberships__role__in=in_team, memberships__team=team)
    return User.objects.people().filter(condition, is_active=True).distinct().order_by("username")
