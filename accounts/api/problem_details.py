"""Every error of the API as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.api.strict_views import InvalidParameters
from accounts.audit import record_refusal
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError

CONTENT_TYPE = "application/problem+json"
PROBLEM_TYPES = {
    "invalid": "urn:problem-type:signalbook:invalid",
    "unmet": "urn:problem-type:signalbook:unmet-conditions",
    "forbidden": "urn:problem-type:signalbook:forbidden",
}
TOO_LARGE_MESSAGE = "The body is larger than this server takes. Send less at once."
READ_METHODS = frozenset({"GET", "HEAD"})


def problem_details(
    status: int, detail: str = "", *, kind: str = "", title: str = "", **members: Any
) -> dict[str, Any]:
    """The body of a problem: `type`, `title`, `status`, `detail`, `errors` and any further members.

    Where the type says no more than the status does, it is `about:blank` and the title the status' own phrase.
    """
    return {
        "type": PROBLEM_TYPES.get(kind, "about:blank"),
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": [],
    } | members


def problem_response(status: int, detail: str = "", **members: Any) -> JsonResponse:
    """A problem for errors that happen outside any API view: unknown addresses, crashes."""
    return JsonResponse(problem_details(status, detail, **members), status=status, content_type=CONTENT_TYPE)


def problem_exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler. None for what is our own error, which then answers 500.

    400 carries `errors`: a list of `{"pointer" | "parameter", "code", "detail"}`, a JSON pointer into the body or
    the name of a query parameter. 403 carries `missing_roles`, and the audit log keeps it; 409 carries
    `unmet: [{"code", "detail"}]`.
    """
    headers: dict[str, str] = {}
    match exc:
        case UnmetConditionsError():
            unmet = [{"code": condition.code, "detail": condition.detail} for condition in exc.unmet]
            body = problem_details(409, str(exc), kind="unmet", title="Conditions are not met", unmet=unmet)
        case Forbidden():
            body = problem_details(403, str(exc), kind="forbidden", missing_roles=list(exc.decision.missing_roles))
        case PermissionDenied():
            body = problem_details(403, str(exc), kind="forbidden", missing_roles=[])
        case Http404():
            body = problem_details(404, "There is nothing at this address, or it is not yours to see.")
        case ValidationError():
            body = _validation_problem(get_error_detail(exc), context)
        case InvalidParameters():
            body = _validation_problem(exc.detail, context, is_query=True)
        case exceptions.ValidationError():
            body = _validation_problem(exc.detail, context)
        case RequestDataTooBig():
            body = problem_details(413, TOO_LARGE_MESSAGE)
        case exceptions.NotAuthenticated():
            body = problem_details(exc.status_code, "Sign in, or send a token: “Authorization: Bearer sb_…”.")
            headers = _problem_headers(exc)
        case exceptions.APIException():
            body = problem_details(exc.status_code, str(exc.detail))
            headers = _problem_headers(exc)
        case _:
            return None
    set_rollback()
    if request := context.get("request"):
        if body["status"] == HTTPStatus.FORBIDDEN:
            record_refusal(request, body["detail"])
        # A problem is JSON even where the view answers something else.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _problem_headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if retry_after := getattr(exc, "wait", None):
        headers["Retry-After"] = str(round(retry_after))
    return headers


def _validation_problem(detail: Any, context: Mapping[str, Any], *, is_query: bool = False) -> dict[str, Any]:
    request = context.get("request")
    in_query = is_query or (request is not None and request.method in READ_METHODS)
    errors = [
        {"parameter" if in_query else "pointer": pointer.removeprefix("#/") if in_query else pointer}
        | {"code": error.code, "detail": str(error)}
        for pointer, error in _flatten_errors(detail, "#")
    ]
    text = errors[0]["detail"] if len(errors) == 1 else f"{len(errors)} values are not right."
    return problem_details(400, text, kind="invalid", title="The request is not valid", errors=errors)


def _flatten_errors(detail: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every single error of REST framework's nested detail with its JSON pointer (RFC 6901, as a URI fragment)."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            is_non_field = str(key) in {"non_field_errors", "__all__"}
            yield from _flatten_errors(
                inner, pointer if is_non_field else f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            )
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            # A list of texts belongs to its field; a list of mappings mirrors the list that was sent.
            yield from _flatten_errors(inner, f"{pointer}/{index}" if isinstance(inner, Mapping | list) else pointer)
    else:
        yield pointer, detail
