"""A person's own sessions ended, one or all others."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.audit import origin_of
from accounts.current_user import current_user
from accounts.models import Session
from accounts.services import end_other_sessions, end_own_session, end_session
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect


def sessions_url(**arguments: object) -> str:
    """Return the address of the list of sessions, on the profile."""
    return f"{reverse('profile')}#sessions"


@never_stored
@login_required
@post_or_redirect(sessions_url)
def end_one_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions, of this browser too; 404 for anybody else's, and for one that has ended."""
    user = current_user(request)
    session = get_object_or_404(Session.objects.of_people(), pk=pk, user=user)
    if session.pk == origin_of(request).session_id:
        end_own_session(request)
        return redirect("account_login")
    end_session(session, by=user, origin=origin_of(request))
    messages.success(request, f"{session.client} is signed out.")
    return redirect(sessions_url())


@never_stored
@login_required
@post_or_redirect(sessions_url)
def end_all_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but the one of this browser."""
    ended = end_other_sessions(by=current_user(request), origin=origin_of(request))
    messages.success(request, _ended_message(ended))
    return redirect(sessions_url())


def _ended_message(count: int) -> str:
    if not count:
        return "There was no other."
    return f"{count} other {'session is' if count == 1 else 'sessions are'} ended."
