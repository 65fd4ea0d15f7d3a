"""What the collector answers to whom: in JSON alone, whatever happens, and readable by pages of any origin."""

import re
from functools import cache
from urllib.parse import parse_qsl

import structlog

from front.http_messages import NOSNIFF, FrontResponse, RequestHead, json_response
from tracking.traffic.choices import RefusalReason
from tracking.traffic.collect.ingestion import (
    BodyTakesLong,
    IncomingRequest,
    IngestionRejected,
    ingest,
    key_of_headers,
)
from tracking.traffic.collect.refusal_log import refusal_log
from tracking.traffic.collect.wires import Route, get_wire

ALLOWED_HEADERS = "authorization, content-type, content-encoding, anonymousid, sentat"
ALLOWED_METHODS = "POST, OPTIONS"
MAX_ALLOWED_HEADERS = 50
MAX_QUERY_FIELDS = 1000
HEADER_NAME = re.compile(r"[a-z0-9-]{1,100}")
PREFLIGHT_MAX_AGE_SECONDS = "86400"
NO_SUCH_PATH_MESSAGE = "SDKs send to /v1/batch, and one event to /v1/track, /v1/page, /v1/screen, /v1/identify, \
/v1/group or /v1/alias. Enter the address of this server without any path as the SDK's host."

log = structlog.get_logger(__name__)


def answer_without_body(head: RequestHead, route: Route | None) -> FrontResponse | None:
    """Return the response to a request whose body does not matter: a preflight, a wrong path or method. Else None.

    `route` is None for a path of no SDK.
    """
    if head.method == "OPTIONS":
        return _preflight(head)
    if route is None:
        return refuse(head, IngestionRejected(404, NO_SUCH_PATH_MESSAGE, reason=RefusalReason.NO_SUCH_PATH))
    if head.method != "POST":
        return refuse(
            head,
            IngestionRejected(405, "Events are sent with POST.", reason=RefusalReason.WRONG_METHOD),
            ("allow", ALLOWED_METHODS),
        )
    return None


def answer_with_body(head: RequestHead, route: Route, body: bytes, *, only_light: bool = False) -> FrontResponse:
    """Return 200 once a body is stored, else the refusal as `{code, message, error}`. Waits for the database.

    Raises BodyTakesLong for a body that is not light where `only_light` ones are wanted.

    Our own failure is 500 in the same form. Neither reads nor sets cookies. Origins are echoed, with credentials, as
    SDKs in browsers need it: a write key is public by nature, and nothing can be read here.
    """
    try:
        if head.query.count("&") >= MAX_QUERY_FIELDS:
            raise IngestionRejected(400, "The request cannot be read.", reason=RefusalReason.UNREADABLE)
        request = IncomingRequest(
            route=route,
            body=body,
            authorization=head.headers.get("authorization", ""),
            encoding=head.headers.get("content-encoding", ""),
            query_key=_query_key(head.query),
        )
        ingest(request, only_light=only_light)
    except BodyTakesLong:
        raise
    except IngestionRejected as rejection:
        return refuse(head, rejection)
    except Exception:
        # An SDK in a browser must be able to read this too, and to send the events again.
        log.exception("the collector failed", path=head.path)
        return refuse_as_failed(head)
    return _with_origin(head, _success(route.wire.name))


def refuse(head: RequestHead, rejection: IngestionRejected, *headers: tuple[str, str]) -> FrontResponse:
    """Return the response of a refusal, and note it for people to see."""
    key = rejection.key or key_of_headers(head.headers.get("authorization", "")) or _query_key(head.query)
    refusal_log.note(rejection.status, rejection.reason, key=key, source_id=rejection.source_id)
    if rejection.retry_after is not None:
        headers = (*headers, ("retry-after", str(rejection.retry_after)))
    # No WWW-Authenticate with a 401: browsers would ask the visitors of a shop for a password.
    body = {
        "success": False,
        "status": 0,
        "code": rejection.status,
        "message": rejection.message,
        "error": rejection.message,
    }
    return _with_origin(head, json_response(rejection.status, body, *headers))


def refuse_as_failed(head: RequestHead) -> FrontResponse:
    """Return the response to a request that an error of ours ended."""
    rejection = IngestionRejected(500, "This server failed. Send it again later.", reason=RefusalReason.FAILURE)
    return refuse(head, rejection)


@cache
def _success(wire_name: str) -> FrontResponse:
    return json_response(200, get_wire(wire_name).success_response())


def _with_origin(head: RequestHead, response: FrontResponse) -> FrontResponse:
    origin = head.headers.get("origin", "")
    if not origin:
        return response
    cors = (
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("vary", "Origin"),
    )
    return FrontResponse(response.status, (*response.headers, *cors), response.body)


def _preflight(head: RequestHead) -> FrontResponse:
    headers = (
        NOSNIFF,
        ("access-control-allow-methods", ALLOWED_METHODS),
        ("access-control-allow-headers", _allowed_headers(head)),
        ("access-control-max-age", PREFLIGHT_MAX_AGE_SECONDS),
    )
    return _with_origin(head, FrontResponse(204, headers))


def _allowed_headers(head: RequestHead) -> str:
    """Return the headers that SDKs send, and whatever else this one asks for: none of them does anything here."""
    wanted = head.headers.get("access-control-request-headers", "").lower().split(",")
    names = {name.strip() for name in wanted[:MAX_ALLOWED_HEADERS]}
    others = sorted(name for name in names if HEADER_NAME.fullmatch(name) and name not in ALLOWED_HEADERS.split(", "))
    return ", ".join([ALLOWED_HEADERS, *others])


def _query_key(query: str) -> str:
    """Return the write key in a query, or "" (also for a query of absurdly many fields)."""
    if "writeKey" not in query:
        return ""
    try:
        return dict(parse_qsl(query, max_num_fields=MAX_QUERY_FIELDS)).get("writeKey", "")
    except ValueError:
        return ""
