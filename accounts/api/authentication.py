"""API tokens in the Authorization header."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.audit import origin_of, record_audit, token_networks
from accounts.models import ApiToken, AuditKind, User
from accounts.services.tokens import token_digest

SCHEME = "Bearer"
LAST_USED_INTERVAL = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer sb_…` signs a program in as the token's person, narrowed by the token's scopes."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The person and the token; None where the header is absent or of another scheme.

        Raises AuthenticationFailed where the token is unknown, revoked, expired or the system user's, or its person is
        inactive.
        """
        scheme, _, plaintext = get_authorization_header(request).decode("latin-1").strip().partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        # Found by digest: how long the search takes says nothing about the token's text.
        token = ApiToken.objects.filter(digest=token_digest(plaintext.strip())).select_related("user").first()
        if token is None:
            raise AuthenticationFailed("This token is unknown. Create one at /settings/tokens/.")
        user: User = token.user
        if reason := _refusal(token):
            record_audit(AuditKind.TOKEN_REFUSED, person=user, token=token, origin=origin_of(request), reason=reason)
            raise AuthenticationFailed(reason)
        update_last_used(token)
        token_networks.note(token, person=user, request=request)
        user.token = token
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """The challenge that a 401 carries."""
        return f'{SCHEME} realm="signalbook"'


def _refusal(token: ApiToken) -> str:
    """Return why a token lets nobody in any more, or "" where it does."""
    if token.revoked_at is not None:
        return "This token was revoked. Create a new one at /settings/tokens/."
    if token.is_expired:
        return "This token has expired. Create a new one at /settings/tokens/."
    if not token.user.is_active:
        return "The account of this token is deactivated."
    if token.user.is_system:
        return "Nobody acts as the system user. Use a token of a person."
    return ""


def update_last_used(token: ApiToken) -> None:
    """Remembers when a token was last used, to the minute: a busy token must not write a row a request."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_INTERVAL:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
