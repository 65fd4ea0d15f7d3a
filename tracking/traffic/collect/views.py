"""The collector: takes what SDKs send, at the paths they know, and answers in JSON alone."""

import re
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tracking.traffic.collect.bodies import BodyTooLarge, ReadableStream, read_bounded
from tracking.traffic.collect.ingestion import IncomingRequest, IngestionRejected, ingest
from tracking.traffic.collect.wires import Route

ALLOWED_HEADERS = "authorization, content-type, content-encoding, anonymousid, sentat"
ALLOWED_METHODS = "POST, OPTIONS"
MAX_ALLOWED_HEADERS = 50
HEADER_NAME = re.compile(r"[a-z0-9-]{1,100}")
PREFLIGHT_MAX_AGE_SECONDS = "86400"
NO_SUCH_PATH_MESSAGE = "SDKs send to /v1/batch, and one event to /v1/track, /v1/page, /v1/screen, /v1/identify, \
/v1/group or /v1/alias. Enter the address of this server without any path as the SDK's host."

log = structlog.get_logger(__name__)


@csrf_exempt
def collector(request: HttpRequest, route: Route | None) -> HttpResponse:
    """Answer one request of an SDK: 200 once its body is stored, else the refusal as `{code, message, error}`.

    `route` is None for a path of no SDK, which is 404. Our own failure is 500 in the same form.

    Neither reads nor sets cookies. Origins are echoed, with credentials, as SDKs in browsers need it: a write key
    is public by nature, and nothing can be read here.
    """
    try:
        response = _answer(request, route)
    except IngestionRejected as rejection:
        response = _rejection_response(rejection)
    except SuspiciousOperation:  # Django's own bounds, such as that of query parameters
        response = _rejection_response(IngestionRejected(400, "The request cannot be read."))
    except Exception:
        # An SDK in a browser must be able to read this too, and to send the events again.
        log.exception("the collector failed", path=request.path_info)
        response = _rejection_response(IngestionRejected(500, "This server failed. Send it again later."))
    if origin := request.headers.get("Origin"):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
        response["Vary"] = "Origin"
    return response


def _answer(request: HttpRequest, route: Route | None) -> HttpResponse:
    if request.method == "OPTIONS":
        preflight = HttpResponse(status=204)
        preflight["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        preflight["Access-Control-Allow-Headers"] = _allowed_headers(request)
        preflight["Access-Control-Max-Age"] = PREFLIGHT_MAX_AGE_SECONDS
        return preflight
    if route is None:
        raise IngestionRejected(404, NO_SUCH_PATH_MESSAGE)
    if request.method != "POST":
        response = _rejection_response(IngestionRejected(405, "Events are sent with POST."))
        response["Allow"] = ALLOWED_METHODS
        return response
    return JsonResponse(ingest(_read_request(request, route)))


def _allowed_headers(request: HttpRequest) -> str:
    """Return the headers that SDKs send, and whatever else this one asks for: none of them does anything here."""
    wanted = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    names = {name.strip() for name in wanted[:MAX_ALLOWED_HEADERS]}
    others = sorted(name for name in names if HEADER_NAME.fullmatch(name) and name not in ALLOWED_HEADERS.split(", "))
    return ", ".join([ALLOWED_HEADERS, *others])


def _read_request(request: HttpRequest, route: Route) -> IncomingRequest:
    # request.body would refuse what is larger than forms may be; the collector has a bound of its own.
    stream: ReadableStream = request
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        stream = request.META["wsgi.input"]  # Django reads nothing where no length is given
    try:
        body = read_bounded(stream, settings.COLLECT_MAX_BODY_BYTES)
    except BodyTooLarge as error:
        raise IngestionRejected(413, str(error)) from error
    except UnreadablePostError as error:
        raise IngestionRejected(400, "The body broke off.") from error
    return IncomingRequest(
        route=route,
        body=body,
        authorization=request.headers.get("Authorization", ""),
        encoding=request.headers.get("Content-Encoding", ""),
        query_key=request.GET.get("writeKey", ""),
    )


def _rejection_response(rejection: IngestionRejected) -> JsonResponse:
    body: dict[str, Any] = {
        "success": False,
        "status": 0,
        "code": rejection.status,
        "message": rejection.message,
        "error": rejection.message,
    }
    # No WWW-Authenticate with a 401: browsers would ask the visitors of a shop for a password.
    response = JsonResponse(body, status=rejection.status)
    if rejection.retry_after is not None:
        response["Retry-After"] = str(rejection.retry_after)
    return response
