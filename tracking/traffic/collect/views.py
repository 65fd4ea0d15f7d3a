"""The collector: takes what SDKs send, at the paths they know, and answers in JSON alone."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from tracking.traffic.collect.bodies import BodyTooLarge, ReadableStream, read_bounded
from tracking.traffic.collect.ingestion import IncomingRequest, IngestionRejected, ingest
from tracking.traffic.collect.wires import Route

ALLOWED_HEADERS = "authorization, content-type, content-encoding, anonymousid, sentat"
ALLOWED_METHODS = "POST, OPTIONS"
PREFLIGHT_MAX_AGE_SECONDS = "86400"


@csrf_exempt
def collector(request: HttpRequest, route: Route) -> HttpResponse:
    """Answer one request of an SDK: 200 once its body is stored, else the refusal as `{code, message, error}`.

    Neither reads nor sets cookies. Origins are echoed, with credentials, as SDKs in browsers need it: a write key
    is public by nature, and nothing can be read here.
    """
    if request.method == "OPTIONS":
        response: HttpResponse = HttpResponse(status=204)
        response["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        response["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response["Access-Control-Max-Age"] = PREFLIGHT_MAX_AGE_SECONDS
    elif request.method != "POST":
        response = _rejection_response(IngestionRejected(405, "Events are sent with POST."))
        response["Allow"] = ALLOWED_METHODS
    else:
        try:
            response = JsonResponse(ingest(_read_request(request, route)))
        except IngestionRejected as rejection:
            response = _rejection_response(rejection)
    if origin := request.headers.get("Origin"):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
        response["Vary"] = "Origin"
    return response


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
