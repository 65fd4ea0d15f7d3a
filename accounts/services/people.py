"""People added, and their accounts, settings and passwords changed, by an admin or by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from accounts.audit import NOWHERE, RequestOrigin, record_audit
from accounts.history import record
from accounts.models import AuditKind, User
from accounts.permissions import WHOLE_COMPANY, Decision, Forbidden, require
from accounts.roles import Capability
from accounts.services.account_guards import lock_admin_memberships, refuse_system_user
from accounts.services.saved_rows import save_validated
from accounts.services.sessions import end_all_sessions, end_other_sessions
from accounts.services.tokens import revoke_all_tokens


class PersonFields(TypedDict, total=False):
    """What an admin may change of a person's account. Activity has services of its own."""

    username: str
    name: str
    email: str
    theme: str
    time_zone: str
    has_shortcuts: bool


class SettingsFields(TypedDict, total=False):
    """What people change of themselves."""

    name: str
    theme: str
    time_zone: str
    has_shortcuts: bool


@transaction.atomic
def create_person(
    *,
    username: str,
    password: str | None,
    name: str = "",
    email: str = "",
    by: User,
    at: datetime | None = None,
) -> User:
    """Add an active person without any role. Without a password nobody can sign in as them until one is set.

    The person changes the password before they see anything else: whoever adds them knows it.

    Raises Forbidden unless `by` may manage people, and ValidationError where the username or address is taken or a
    field does not hold what it should.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    moment = at or timezone.now()
    person = User(username=User.normalize_username(username), name=name, email=email.lower(), date_joined=moment)
    person.set_password(password)
    person.must_change_password = password is not None
    save_validated(person)
    record(by=by, subject_type="user", subject_id=person.pk, action="created", message=person.username, at=moment)
    return person


@transaction.atomic
def update_person(person: User, *, by: User, **fields: Unpack[PersonFields]) -> User:
    """Change a person's account, and return it as it now is. Where nothing differs, nothing is written.

    History keeps which fields changed, not what they said: it cannot be edited, and names and addresses are personal
    data. Raises what `create_person` raises, and ValidationError for the system user.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    refuse_system_user(person)
    # Before the person: the admin page goes on to take roles or to deactivate in the same transaction.
    lock_admin_memberships()
    if "email" in fields:
        fields["email"] = fields["email"].lower()
    return _save_changed_fields(User.objects.select_for_update().get(pk=person.pk), fields, by=by)


@transaction.atomic
def update_own_settings(*, by: User, **fields: Unpack[SettingsFields]) -> User:
    """Change somebody's own name and settings, and return the person. Where nothing differs, nothing is written.

    Columns that are not named keep what they hold now, whatever `by` held when it was read. Raises Forbidden where the
    person was deactivated meanwhile, and ValidationError where a field does not hold what it should.
    """
    return _save_changed_fields(_lock_active(by), fields, by=by)


@transaction.atomic
def change_own_password(
    password: str,
    *,
    by: User,
    revokes_tokens: bool = False,
    origin: RequestOrigin = NOWHERE,
) -> int:
    """Give somebody a new password of their own choice, and return how many of their tokens were revoked with it.

    It ends all of their sessions but the one that `origin` names; tokens are revoked where `revokes_tokens`. The
    caller has validated its strength and the former password. Raises Forbidden where the person was deactivated
    meanwhile, and ValidationError for the system user.
    """
    refuse_system_user(by)
    _lock_active(by)
    by.set_password(password)
    by.must_change_password = False
    by.save(update_fields=["password", "must_change_password"])
    record(by=by, subject_type="user", subject_id=by.pk, action="password changed")
    record_audit(AuditKind.PASSWORD_CHANGED, person=by, origin=origin)
    end_other_sessions(by=by, origin=origin)
    return revoke_all_tokens(by, by=by, origin=origin) if revokes_tokens else 0


def _lock_active(person: User) -> User:
    locked = User.objects.select_for_update().get(pk=person.pk)
    if not locked.is_active:
        raise Forbidden(Decision(False, "This account is deactivated."))
    return locked


def _save_changed_fields(locked: User, fields: Mapping[str, Any], *, by: User) -> User:
    changed = [field for field, value in fields.items() if getattr(locked, field) != value]
    if not changed:
        return locked
    for field, value in fields.items():
        setattr(locked, field, value)
    save_validated(locked, update_fields=changed)
    record(by=by, subject_type="user", subject_id=locked.pk, action="changed", evidence={"fields": changed})
    return locked


@transaction.atomic
def set_password(
    person: User,
    password: str | None,
    *,
    by: User,
    revokes_tokens: bool = False,
    origin: RequestOrigin = NOWHERE,
) -> None:
    """Give a person a new password, which ends their sessions; None: nobody can sign in with one any more.

    The audit log names each session that ended with it. Their API tokens, which work without a password, end where
    `revokes_tokens`.

    The person changes it before they see anything else, unless it is their own, set by themselves. The caller has
    validated its strength. Raises Forbidden unless `by` may manage people, and ValidationError for the system user.
    """
    require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    refuse_system_user(person)
    is_own = person.pk == by.pk
    person.set_password(password)
    person.must_change_password = password is not None and not is_own
    person.save(update_fields=["password", "must_change_password"])
    if is_own:
        end_other_sessions(by=by, origin=origin)
    else:
        end_all_sessions(person, by=by, origin=origin)
    if revokes_tokens:
        revoke_all_tokens(person, by=by, origin=origin)
    action = "password set" if password is not None else "password removed"
    record(by=by, subject_type="user", subject_id=person.pk, action=action)
    record_audit(AuditKind.PASSWORD_CHANGED, person=person, by=by, origin=origin, reason=f"{action.capitalize()}.")
