"""Settings of allauth: accounts are created by admins, there is no sign-up, and failures to sign in are limited."""

import math
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.audit import origin_of, record_audit
from accounts.models import AuditKind, SignInAttempt, User
from accounts.services import begin_session, change_own_password, end_own_session
from accounts.services.password_slots import PasswordsBusy, password_slots
from accounts.services.sign_in_limits import (
    SignInLocked,
    account_named,
    begin_attempt,
    is_from_home,
    mark_succeeded,
    take_back,
)

LOCKED = "locked"
BUSY = "busy"
"""The codes of the errors of a form that came too often; their parameters say in how many seconds to come again."""

BUSY_SECONDS = 2
BUSY_MESSAGE = "Many people sign in just now. Try again in a moment."


class NoSignupAdapter(DefaultAccountAdapter):
    """allauth's adapter without sign-up."""

    _attempt: SignInAttempt | None = None
    _place: ExitStack

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, and take a place to look at the password until `authenticate` ends.

        Raises ValidationError that says when to try again, where too many failed or no place is free.
        """
        try:
            self._attempt = begin_attempt(_login_of(credentials), self.get_client_ip(request))
        except SignInLocked as locked:
            _record_failure(request, credentials, f"{locked.lock.reason} The password was not looked at.")
            seconds = max(1, math.ceil((locked.lock.until - timezone.now()).total_seconds()))
            minutes = math.ceil(seconds / 60)
            raise ValidationError(
                f"{locked.lock.reason} Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}, "
                f"from {locked.lock.until:%H:%M:%S} UTC on. An admin of your company can help sooner.",
                code=LOCKED,
                params={"seconds": seconds},
            ) from locked
        try:
            self._place.enter_context(password_slots.place(is_known=is_from_home(self._attempt)))
        except PasswordsBusy as busy:
            take_back(self._attempt)
            raise ValidationError(BUSY_MESSAGE, code=BUSY, params={"seconds": BUSY_SECONDS}) from busy

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return whose name and password these are, or None.

        Raises ValidationError where too many failed before, or too many passwords are being looked at.
        """
        with ExitStack() as self._place:
            user = super().authenticate(request, **credentials)
        if user is not None and self._attempt is not None:
            mark_succeeded(self._attempt)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write into the audit log that a name and a password did not fit."""
        _record_failure(request, credentials, "Wrong name or password.")

    def pre_login(self, request: HttpRequest, user: User, **hooks: Any) -> HttpResponse | None:
        """Lead away people whose account is deactivated, and write it into the audit log."""
        if not user.is_active:
            record_audit(
                AuditKind.SIGN_IN_FAILED, person=user, origin=origin_of(request), reason="The account is deactivated."
            )
        response: HttpResponse | None = super().pre_login(request, user, **hooks)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin a session."""
        begin_session(request, user)

    def logout(self, request: HttpRequest) -> None:
        """End the session of this browser."""
        end_own_session(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: people are added by an admin."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Change the person's password and nothing else; allauth's own writes every column of what it read earlier."""
        change_own_password(password, by=user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Where a person goes after changing their password."""
        return reverse("profile")


def _login_of(credentials: Mapping[str, Any]) -> str:
    """Return what was typed as a name: a name or an e-mail address."""
    return str(credentials.get("email") or credentials.get("username") or "")


def _record_failure(request: HttpRequest, credentials: Mapping[str, Any], reason: str) -> None:
    login = _login_of(credentials)
    person = account_named(login)
    name_tried = "" if person else login
    record_audit(
        AuditKind.SIGN_IN_FAILED, person=person, name_tried=name_tried, origin=origin_of(request), reason=reason
    )
