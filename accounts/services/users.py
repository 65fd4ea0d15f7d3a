"""Roles given and taken, people deactivated and reactivated."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import NOWHERE, RequestOrigin
from accounts.history import record
from accounts.models import Membership, Team, User
from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability, Role
from accounts.services.account_guards import lock_admin_memberships, refuse_system_user
from accounts.services.saved_rows import save_validated
from accounts.services.sessions import end_all_sessions
from accounts.services.tokens import revoke_all_tokens


@transaction.atomic
def deactivate(user: User, *, by: User, message: str = "", origin: RequestOrigin = NOWHERE) -> None:
    """Ends the person's sessions and tokens at once; what they did keeps their name. Again: changes nothing.

    The audit log names each session and token that ended with it.

    Raises Forbidden unless `by` may manage people, and ValidationError where somebody deactivates themselves, the
    system user or the last admin.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    admins = lock_admin_memberships()
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.is_system:
        raise ValidationError("The system user acts for tasks and cannot be deactivated.")
    if locked.pk == by.pk:
        raise ValidationError("You cannot deactivate yourself. Ask another admin.")
    if set(admins.values()) == {locked.pk}:
        raise ValidationError("This is the last admin. Make somebody else admin first.")
    user.is_active = False
    if not locked.is_active:
        return
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    revoke_all_tokens(locked, by=by, origin=origin)
    # Django refuses an inactive person's session by itself; they are deleted so that none works after reactivation.
    end_all_sessions(locked, by=by, origin=origin)
    record(by=by, subject_type="user", subject_id=locked.pk, action="deactivated", message=message)


@transaction.atomic
def reactivate(user: User, *, by: User, message: str = "") -> None:
    """Lets a deactivated person sign in again. Their old tokens stay revoked. Again: changes nothing.

    Raises Forbidden unless `by` may manage people.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    locked = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = True
    if locked.is_active:
        return
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    record(by=by, subject_type="user", subject_id=locked.pk, action="reactivated", message=message)


@transaction.atomic
def grant_role(user: User, role: Role, *, team: Team | None = None, by: User) -> Membership:
    """Gives a person a role in a team, or without one in the whole company. Answers the membership, old or new.

    Raises Forbidden unless `by` may manage people, and ValidationError for the system user and where a role cannot be
    held without a team or is given by somebody else at the same moment.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    refuse_system_user(user)
    if existing := Membership.objects.filter(user=user, team=team, role=role).first():
        return existing
    membership = Membership(user=user, team=team, role=role)
    save_validated(membership)
    user.clear_membership_cache()
    _record_role(membership, "role given", by=by)
    return membership


@transaction.atomic
def revoke_role(membership: Membership, *, by: User) -> None:
    """Takes a role from a person, as it is stored. Again: changes nothing.

    Raises Forbidden unless `by` may manage people, and ValidationError where it would leave nobody who can.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    admins = lock_admin_memberships()
    if membership.pk in admins and set(admins.values()) == {membership.user_id}:
        raise ValidationError("This is the last admin. Make somebody else admin first.")
    # What the caller holds may differ: a form without fields for them has emptied the team and the role.
    stored = Membership.objects.select_related("team", "user").select_for_update(of=("self",)).filter(pk=membership.pk)
    membership.user.clear_membership_cache()
    for held in stored:
        Membership.objects.filter(pk=held.pk).delete()
        _record_role(held, "role taken", by=by)


def _record_role(membership: Membership, action: str, *, by: User) -> None:
    record(
        by=by,
        subject_type="user",
        subject_id=membership.user_id,
        action=action,
        message=str(membership),
        evidence={"role": membership.role, "team": membership.team.slug if membership.team else None},
    )
