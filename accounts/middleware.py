"""Middleware: an id that logs and responses share, one charset, the API's last slash, and what is the person's own."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

API_PREFIX = "/api/v1/"
REQUEST_ID_HEADER = "X-Request-ID"
VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request an id (a proxy's own, where it is a plain one), binds it to its logs, and sends it back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        incoming_id = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = incoming_id if VALID_REQUEST_ID.fullmatch(incoming_id) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # error pages show it
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response[REQUEST_ID_HEADER] = request_id
        return response


class Utf8Middleware:
    """Reads every request as UTF-8, which our pages and programs send, whatever charset its header names.

    Python's codecs have names such as `zlib` that read no text at all, and Django would use any of them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.encoding is not None:
            request.encoding = "utf-8"
        return self.get_response(request)


class ApiSlashMiddleware:
    """Takes an address of the API without its last slash for the one with it: a redirect would lose the body."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(API_PREFIX) and not request.path_info.endswith("/"):
            request.path_info += "/"
            request.path += "/"
        return self.get_response(request)


class TimeZoneMiddleware:
    """Shows times in the time zone that the person chose."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Views without CSRF protection are for programs: they show UTC, and must not touch the session."""
        if getattr(view, "csrf_exempt", False):
            return
        user = request.user
        if user.is_authenticated and user.time_zone != "UTC":
            timezone.activate(ZoneInfo(user.time_zone))


class FirstPasswordMiddleware:
    """Leads whoever has a password that somebody else chose to the page that changes it, from every other one.

    The API refuses them by `accounts.api.default_permission`; a token that they have works on.
    """

    OPEN_PAGES = frozenset({"account_change_password", "account_logout", "home:favicon"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, "csrf_exempt", False):  # for programs, whose session is not looked at here
            return None
        user, found = request.user, request.resolver_match
        if not (user.is_authenticated and user.must_change_password):
            return None
        if found is not None and found.view_name in self.OPEN_PAGES:
            return None
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        return redirect(reverse("account_change_password", query=back))
