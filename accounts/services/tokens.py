"""API tokens issued and revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import NOWHERE, RequestOrigin, record_audit
from accounts.history import record
from accounts.models import ApiToken, AuditKind, User
from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability, Scope
from accounts.services.account_guards import refuse_system_user

TOKEN_PREFIX = "sb_"  # noqa: S105  what every token starts with, so that scanners of secrets find one
VISIBLE_PREFIX_LENGTH = 9


def token_digest(plaintext: str) -> str:
    """The hex SHA-256 under which a token is stored. Tokens carry 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def issue_token(
    *,
    user: User,
    name: str,
    scopes: Iterable[Scope | str],
    expires_at: datetime | None = None,
    by: User,
    origin: RequestOrigin = NOWHERE,
) -> tuple[ApiToken, str]:
    """A new token for `user`, and its text, which exists nowhere else and can never be read again.

    Raises ValidationError for the system user and where the name is empty or too long, no scope or an unknown one is
    chosen, or the end has passed; Forbidden where `by` is neither the person nor somebody who manages people.
    """
    if by.pk != user.pk:
        require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    refuse_system_user(user)
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "The end lies in the past. Choose a later one, or none."})
    plaintext = TOKEN_PREFIX + secrets.token_urlsafe(32)
    granted_scopes = sorted(set(map(str, scopes)))
    token = ApiToken(
        user=user,
        name=name.strip(),
        prefix=plaintext[:VISIBLE_PREFIX_LENGTH],
        digest=token_digest(plaintext),
        scopes=granted_scopes,
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    record(
        by=by,
        subject_type="token",
        subject_id=token.pk,
        parent_type="user",
        parent_id=user.pk,
        action="issued",
        message=token.name,
        evidence={"scopes": granted_scopes, "expires_at": expires_at},
    )
    record_audit(
        AuditKind.TOKEN_ISSUED,
        person=user,
        by=by,
        token=token,
        origin=origin,
        reason=_for_scopes(granted_scopes),
    )
    return token, plaintext


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User, origin: RequestOrigin = NOWHERE) -> None:
    """Ends a token at once. Again: changes nothing.

    Raises Forbidden where `by` is neither the token's person nor somebody who manages people.
    """
    if by.pk != token.user_id:
        require(by, Capability.PEOPLE_MANAGE, on=WHOLE_COMPANY)
    now = timezone.now()
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        return
    token.revoked_at = now
    record(
        by=by,
        subject_type="token",
        subject_id=token.pk,
        parent_type="user",
        parent_id=token.user_id,
        action="revoked",
        message=token.name,
    )
    record_audit(AuditKind.TOKEN_REVOKED, person=token.user, by=by, token=token, origin=origin)


def revoke_all_tokens(person: User, *, by: User, origin: RequestOrigin = NOWHERE) -> int:
    """End every token of a person that works, and return how many. Raises what `revoke_token` raises."""
    tokens = [token for token in person.tokens.filter(revoked_at=None).select_related("user") if token.is_usable]
    for token in tokens:
        revoke_token(token, by=by, origin=origin)
    return len(tokens)


def _for_scopes(scopes: Iterable[str]) -> str:
    return f"For {', '.join(scopes)}."
