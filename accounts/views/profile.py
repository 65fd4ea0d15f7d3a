"""A person's own settings and API tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.audit import origin_of
from accounts.current_user import current_user
from accounts.filters import TokenFilter
from accounts.forms import ProfileForm, TokenForm
from accounts.services import issue_token, revoke_token, update_own_settings
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect
from pages.ui.humanize import duration_words

PAGE_SIZE = 50
MAX_SESSIONS = 50
THEME_COOKIE = "theme"


@never_stored
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name and settings, roles and sessions; 422 with the form where something is not right."""
    user = current_user(request)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        update_own_settings(by=user, **form.cleaned_data)
        messages.success(request, "Your settings are saved.")
        response = redirect("profile")
        # What this browser chose last would hide the theme that was saved just now.
        response.delete_cookie(THEME_COOKIE)
        return response
    sessions = user.sessions.of_people()
    context = {
        "form": form,
        "memberships": user.cached_memberships,
        "sessions": list(sessions[:MAX_SESSIONS]),
        "session_count": sessions.count(),
        "idle_words": duration_words(settings.SESSION_IDLE),
        "lifetime_words": duration_words(settings.SESSION_LIFETIME),
        "this_session": origin_of(request).session_id,
    }
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@never_stored
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens, and the form for a new one. The answer to that form is the only one that shows its text."""
    user = current_user(request)
    form = TokenForm(request.POST or None)
    plaintext = ""
    if request.method == "POST" and form.is_valid():
        try:
            _, plaintext = issue_token(user=user, by=user, origin=origin_of(request), **form.service_arguments())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            form = TokenForm()
    filtered = TokenFilter(request.GET, queryset=user.tokens.all())
    context = {
        "form": form,
        "plain": plaintext,
        "filter": filtered,
        "page": Paginator(filtered.qs, PAGE_SIZE).get_page(request.GET.get("page")),
        "total": user.tokens.count(),
        "list_url": reverse("tokens"),
    }
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@never_stored
@login_required
@post_or_redirect(lambda pk: reverse("tokens"))
def revoke_own_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one of one's own tokens; 404 for anybody else's."""
    user = current_user(request)
    token = get_object_or_404(user.tokens, pk=pk)
    revoke_token(token, by=user, origin=origin_of(request))
    messages.success(request, f"The token “{token.name}” is revoked. Programs that use it are refused from now on.")
    return redirect("tokens")
