"""Settings of allauth: accounts are created by admins, there is no sign-up, and failures to sign in are limited."""

import math
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempt, User
from accounts.services import change_own_password
from accounts.services.sign_in_limits import SignInLocked, begin_attempt, mark_succeeded

LOCKED = "locked"
"""The code of the error of a form that came too often; its parameters say in how many seconds to come again."""


class NoSignupAdapter(DefaultAccountAdapter):
    """allauth's adapter without sign-up."""

    _attempt: SignInAttempt | None = None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt. Raises ValidationError that says when to try again, where too many failed."""
        login = credentials.get("email") or credentials.get("username") or ""
        try:
            self._attempt = begin_attempt(login, self.get_client_ip(request))
        except SignInLocked as locked:
            seconds = max(1, math.ceil((locked.lock.until - timezone.now()).total_seconds()))
            minutes = math.ceil(seconds / 60)
            raise ValidationError(
                f"{locked.lock.reason} Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}, "
                f"from {locked.lock.until:%H:%M:%S} UTC on. An admin of your company can help sooner.",
                code=LOCKED,
                params={"seconds": seconds},
            ) from locked

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return whose name and password these are, or None. Raises ValidationError where too many failed before."""
        user = super().authenticate(request, **credentials)
        if user is not None and self._attempt is not None:
            mark_succeeded(self._attempt)
        return user

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: people are added by an admin."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Change the person's password and nothing else; allauth's own writes every column of what it read earlier."""
        change_own_password(password, by=user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where a person goes after changing their password."""
        return reverse("profile")
