"""The person behind a request."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User
from accounts.permissions import Decision, Forbidden


def current_user(request: HttpRequest) -> User:
    """The person who is signed in; raises Forbidden where nobody is, which `login_required` has usually prevented."""
    if not isinstance(request.user, User):
        raise Forbidden(Decision(False, "Sign in first."))
    return request.user
