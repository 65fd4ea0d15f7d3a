"""Error pages; under /api/ the same errors are problem details."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults

from accounts.api.problem_details import TOO_LARGE_MESSAGE, problem_response
from accounts.audit import record_refusal
from accounts.models import User
from accounts.permissions import Forbidden
from accounts.roles import Role
from database.outages import is_database_disk_full, is_database_outage
from front.notices import DATABASE_SILENT, DISK_FULL, Notice
from runtime.files import is_disk_full

API_PREFIX = "/api/"
MAX_ADMINS_SHOWN = 5
MAX_SUBMITTED_TEXT = 100_000


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 where the body was over the limit."""
    if request.path.startswith(API_PREFIX) and isinstance(exception, RequestDataTooBig):
        return problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE_MESSAGE)
    if request.path.startswith(API_PREFIX):
        return problem_response(HTTPStatus.BAD_REQUEST, "The request could not be understood.")
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: what may not be done, which roles are missing and who can give them. The audit log keeps it."""
    record_refusal(request, str(exception))
    if request.path.startswith(API_PREFIX):
        return problem_response(HTTPStatus.FORBIDDEN, str(exception))
    missing = exception.decision.missing_roles if isinstance(exception, Forbidden) else ()
    context = {
        "reason": str(exception),
        "missing_roles": [role.label for role in missing],
        "admins": list(
            User.objects.active().filter(memberships__role=Role.ADMIN, memberships__team=None)[:MAX_ADMINS_SHOWN]
        ),
    }
    return render(request, "403.html", context, status=HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token is not the one that the browser's cookie holds. What was typed is shown to be copied.

    It is not offered to be sent again with a fresh token: a page of a stranger could have filled it in.
    """
    if request.path.startswith(API_PREFIX):
        return problem_response(HTTPStatus.FORBIDDEN, reason or "The CSRF token is missing or wrong.")
    context = {"typed": _submitted_text(request), "again": _own_referer(request)}
    return render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)


def _submitted_text(request: HttpRequest) -> str:
    """Return the fields of a posted form as text, for a person to copy; what is secret or holds nothing is left out."""
    lines = [
        f"{name}: {value}"
        for name, values in request.POST.lists()
        for value in values
        if value.strip() and "csrf" not in name and "password" not in name
    ]
    return "\n".join(lines)[:MAX_SUBMITTED_TEXT]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(API_PREFIX):
        return problem_response(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: too many attempts to sign in or to change a password."""
    return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. The id of the request is told, which the log has beside the traceback; a page shows what was typed.

    503 where the database failed, which the front does not know yet, or a disk is full. Rendered without the base
    template, which may need what failed.
    """
    error = sys.exc_info()[1]
    if is_disk_full(error) or is_database_disk_full(error):
        return _unavailable(request, DISK_FULL)
    if is_database_outage(error):
        return _unavailable(request, DATABASE_SILENT)
    request_id = getattr(request, "request_id", "")
    if request.path.startswith(API_PREFIX):
        reference = f" Tell an admin this reference, which the log has: {request_id}." if request_id else ""
        detail = f"Something broke on our side, and nothing of this request can be relied on. Try again.{reference}"
        return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request_id=request_id)
    context = {"request_id": request_id, "typed": _typed_or_nothing(request), "again": _own_referer(request)}
    return HttpResponse(render_to_string("500.html", context), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _unavailable(request: HttpRequest, notice: Notice) -> HttpResponse:
    """Return what the front answers by itself where it knows: that the database does not answer, or a disk is full."""
    response: HttpResponse
    if request.path.startswith(API_PREFIX):
        response = problem_response(notice.status, f"{notice.text} {notice.advice}")
    else:
        response = HttpResponse(render_to_string("notice.html", {"notice": notice}), status=notice.status)
    response["Retry-After"] = str(notice.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def _typed_or_nothing(request: HttpRequest) -> str:
    try:
        return _submitted_text(request)
    except Exception:  # a body that cannot be read, too, whatever is wrong with it, must not cost the page that says so
        return ""


def _own_referer(request: HttpRequest) -> str:
    """Return the page of ours from which the request came; "" where it came from elsewhere, or nobody can tell."""
    referer = request.headers.get("referer", "")
    try:
        is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    except DisallowedHost:
        return ""
    return referer if is_ours else ""
