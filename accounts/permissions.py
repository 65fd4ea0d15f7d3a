"""The one place that decides who may do what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from accounts.roles import (
    BASE_CAPABILITIES,
    COMPANY_ROLES,
    GRANTS,
    Capability,
    Role,
    Scope,
    required_scope,
    roles_granting,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import Membership, User


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed (then it is true), or refused with the reason and the roles any one of which would allow it."""

    allowed: bool
    reason: str = ""
    missing_roles: tuple[Role, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed


class Forbidden(PermissionDenied):
    """Somebody may not do what they tried. The text is for them; `decision` says which roles are missing."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason)
        self.decision = decision


ALLOWED = Decision(allowed=True)


@dataclass(frozen=True, slots=True)
class CompanyWide:
    """What belongs to no team: `can(user, capability, on=WHOLE_COMPANY)` says so explicitly."""

    owner_team: None = None


WHOLE_COMPANY = CompanyWide()


def can(user: User | AnonymousUser, capability: Capability, *, on: Any) -> Decision:
    """Whether `user` may do `capability` to `on`, and if not, why.

    `on` is what it would be done to: anything with an `owner_team` or a `team` (an event, a source, a request,
    a team itself), or `WHOLE_COMPANY` for what no team owns. What a role grants is a row of `accounts.roles.GRANTS`:

    - `anywhere` counts whatever `on` is and whichever team the role is held in;
    - `own_team` counts where the role is held in the team of `on`, or in the whole company; for something that
      no team owns, in the whole company alone;
    - `company` counts where the role is held in the whole company.

    The system user may do everything, since its steps have their own guards; inactive and anonymous users
    nothing. Where the user signed in with an API token, the token's scopes restrict all this.

    Raises TypeError where `on` is None or has neither `owner_team` nor `team`.
    """
    if on is None:
        raise TypeError("`on` is missing. Pass WHOLE_COMPANY for what no team owns, or ask can_anywhere.")
    return _decide(user, capability, grants=lambda membership: _grants_on(membership, capability, on), on=on)


def can_anywhere(user: User | AnonymousUser, capability: Capability) -> Decision:
    """Whether there is anything at all that `user` may do `capability` to, and if not, why.

    For menus, buttons and empty forms, where nothing has been chosen yet. What then changes something asks `can` about
    the thing itself.
    """
    return _decide(user, capability, grants=lambda membership: _grants_somewhere(membership, capability), on=None)


def require(user: User | AnonymousUser, capability: Capability, *, on: Any) -> None:
    """Returns where `can` allows it; raises Forbidden where it does not."""
    decision = can(user, capability, on=on)
    if not decision:
        raise Forbidden(decision)


def require_anywhere(user: User | AnonymousUser, capability: Capability) -> None:
    """Returns where `can_anywhere` allows it; raises Forbidden where it does not."""
    decision = can_anywhere(user, capability)
    if not decision:
        raise Forbidden(decision)


def _decide(
    user: User | AnonymousUser, capability: Capability, *, grants: Callable[[Membership], bool], on: Any
) -> Decision:
    if not user.is_active or user.is_anonymous:
        return Decision(False, "Sign in first." if user.is_anonymous else "This account is deactivated.")
    if user.is_system:
        return ALLOWED
    if capability not in BASE_CAPABILITIES and not any(grants(membership) for membership in user.cached_memberships):
        # Told before a missing scope: a token with it would be refused as well.
        missing = tuple(roles_granting(capability))
        return Decision(False, _missing_role_reason(capability, missing, on), missing)
    if user.token is not None and required_scope(capability) not in user.token.scopes:
        return Decision(False, _missing_scope_reason(capability, required_scope(capability)))
    return ALLOWED


def _grants_on(membership: Membership, capability: Capability, on: Any) -> bool:
    grant = GRANTS[Role(membership.role)]
    if capability in grant.anywhere:
        return True
    if membership.team_id is None:
        return capability in grant.own_team or capability in grant.company
    return capability in grant.own_team and _team_id(on) == membership.team_id


def _grants_somewhere(membership: Membership, capability: Capability) -> bool:
    grant = GRANTS[Role(membership.role)]
    if capability in grant.anywhere or capability in grant.own_team:
        return True
    return membership.team_id is None and capability in grant.company


def _team_id(on: Any) -> int | None:
    for name in ("owner_team_id", "team_id"):
        if hasattr(on, name):
            team_id: int | None = getattr(on, name)
            return team_id
    for name in ("owner_team", "team"):
        if hasattr(on, name):
            team = getattr(on, name)
            return None if team is None else team.pk
    raise TypeError(f"{type(on).__name__} has neither owner_team nor team, so no team's roles can count for it.")


def _missing_scope_reason(capability: Capability, scope: Scope) -> str:
    return f"This token may not {capability.label}: it lacks the scope “{scope}”. Create one that has it."


def _missing_role_reason(capability: Capability, roles: Sequence[Role], on: Any) -> str:
    needed = _join_role_names(roles)
    team = getattr(on, "owner_team", None) or getattr(on, "team", None)
    if team is not None:
        company_roles = [role for role in roles if role in COMPANY_ROLES]
        needed += f" in the team {team}"
        if company_roles:
            # Some roles are held in a team only, so the others are named again.
            which = "" if company_roles == list(roles) else f"{_join_role_names(company_roles)} "
            needed += f", or {which}in the whole company"
    return f"You may not {capability.label}. This needs the role {needed}. An admin can give it to you."


def _join_role_names(roles: Iterable[Role]) -> str:
    return _join_with_or([role.label if role in (Role.QA,) else role.label.lower() for role in roles])


def _join_with_or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def can_any(user: User, capabilities: Iterable[Capability], *, on: Iterable[Any]) -> bool:
    """Return whether one of the capabilities holds on one of the things."""
    targets = list(on)
    return any(can(user, capability, on=thing) for capability in capabilities for thing in targets)


def require_any(user: User, capabilities: Sequence[Capability], *, on: Sequence[Any]) -> None:
    """Return where one of the capabilities holds on one of the things.

    Raises Forbidden otherwise, with the reason for the first capability on the first thing.
    """
    if not can_any(user, capabilities, on=on):
        raise Forbidden(can(user, capabilities[0], on=on[0]))
