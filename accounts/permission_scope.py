"""For which teams' things a person may do something, and who may do it for a team: what work lists rest on."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Membership, User
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


def people_with(capability: Capability, *, team_ids: Collection[int | None]) -> dict[int | None, list[User]]:
    """Return for each team the active people who may do something to what it owns (None: what no team owns), by name.

    Two queries, for any number of teams: the people in question, and their memberships, by which
    `accounts.permissions.can` then decides for each team.
    """
    anywhere = [role for role, grant in GRANTS.items() if capability in grant.anywhere]
    in_team = [role for role, grant in GRANTS.items() if capability in grant.own_team]
    in_company = [role for role, grant in GRANTS.items() if capability in grant.own_team | grant.company]
    condition = Q(memberships__role__in=anywhere) | Q(memberships__role__in=in_company, memberships__team=None)
    condition |= Q(memberships__role__in=in_team, memberships__team__in=[pk for pk in team_ids if pk is not None])
    people = list(User.objects.people().filter(condition, is_active=True).distinct().order_by("username"))
    memberships: dict[int, list[Membership]] = {user.pk: [] for user in people}
    for membership in Membership.objects.filter(user__in=people).select_related("team"):
        memberships[membership.user_id].append(membership)
    for user in people:
        user.cached_memberships = memberships[user.pk]
    owned = {team_id: WHOLE_COMPANY if team_id is None else _TeamOwned(team_id) for team_id in team_ids}
    return {team_id: [user for user in people if can(user, capability, on=on)] for team_id, on in owned.items()}
