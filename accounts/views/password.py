"""A person's own password changed, and what becomes of their sessions and tokens with it."""

from __future__ import annotations

from typing import Any

from allauth.account.views import PasswordChangeView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.audit import origin_of, record_refusal
from accounts.current_user import current_user
from accounts.forms import OwnPasswordForm
from accounts.services import change_own_password
from pages.cache_control import never_stored

NOT_CHANGED = "The current password was wrong, so it was not changed."


@never_stored
class OwnPasswordView(PasswordChangeView):
    """allauth's page, which also asks whether tokens stay."""

    form_class = OwnPasswordForm

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        """Change the password, end other sessions, revoke tokens where that was chosen, and lead on."""
        user = current_user(self.request)
        revoked = change_own_password(
            form.cleaned_data["password1"],
            by=user,
            revokes_tokens=form.revokes_tokens,
            origin=origin_of(self.request),
        )
        update_session_auth_hash(self.request, user)
        summary = f" {revoked} API {'token is' if revoked == 1 else 'tokens are'} revoked." if revoked else ""
        messages.success(self.request, f"Your password is changed.{summary}")
        return redirect(self.get_success_url())

    def form_invalid(self, form: OwnPasswordForm) -> HttpResponse:
        """The page with what was wrong. Where it was the password of now, the audit log keeps that somebody tried."""
        if form.has_error("oldpassword", code="enter_current_password"):
            record_refusal(self.request, NOT_CHANGED)
        response: HttpResponse = super().form_invalid(form)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """allauth's context, with the tokens that the form asks about."""
        return super().get_context_data(**kwargs) | {"tokens": current_user(self.request).tokens.usable()}
