"""Signing in, with the names of the demo's accounts where this is the demo."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.http import HttpResponse

from accounts.adapter import BUSY, LOCKED
from accounts.forms import SignInForm
from accounts.models import Membership, User
from accounts.roles import Role

STATUS_BY_CODE = {LOCKED: HTTPStatus.TOO_MANY_REQUESTS, BUSY: HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as in the demo."""

    role: str
    username: str
    name: str


def demo_accounts() -> list[DemoAccount]:
    """One active person for each role, in the order of the roles; a viewer may hold no membership at all."""
    chosen: dict[str, User] = {}
    for membership in Membership.objects.filter(user__is_active=True).select_related("user").order_by("user_id"):
        chosen.setdefault(membership.role, membership.user)
    if Role.VIEWER not in chosen and (viewer := User.objects.active().filter(memberships=None).order_by("pk").first()):
        chosen[Role.VIEWER] = viewer
    return [
        DemoAccount(role=role.label, username=chosen[role].username, name=str(chosen[role]))
        for role in Role
        if role in chosen
    ]


class SignInView(LoginView):
    """allauth's page for signing in."""

    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """The page with what was wrong; with the time to wait, 429 where too many failed, 503 where too many try."""
        response: HttpResponse = super().form_invalid(form)
        for error in form.non_field_errors().as_data():
            if error.code not in STATUS_BY_CODE:
                continue
            response.status_code = STATUS_BY_CODE[error.code]
            response.headers["Retry-After"] = str((error.params or {})["seconds"])
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth's context and `demo_accounts`, which is empty outside the demo."""
        accounts = demo_accounts() if settings.IS_DEMO else []
        return super().get_context_data(**kwargs) | {"demo_accounts": accounts}
