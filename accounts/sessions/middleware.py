"""Middleware that notes the use of sessions."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.sessions.session_store import SessionStore

POLL_HEADER = "X-Poll"
"""What a page sends with a request that goes out because time has passed (static/js/live.js)."""


class SessionUseMiddleware:
    """Puts off the idle end of the session that a person uses. A page that renews itself does not count as use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if POLL_HEADER not in request.headers and isinstance(request.session, SessionStore):
            request.session.note_use()
        return response
