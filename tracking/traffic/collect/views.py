"""The collector behind Django alone, without the front: for Django's own server and its test client."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from front.http_messages import FrontResponse, RequestHead
from tracking.traffic.choices import RefusalReason
from tracking.traffic.collect.bodies import BodyTooLarge, ReadableStream, read_bounded
from tracking.traffic.collect.collector_responses import answer_with_body, answer_without_body, refuse
from tracking.traffic.collect.ingestion import IngestionRejected
from tracking.traffic.collect.wires import Route


@csrf_exempt
def collector(request: HttpRequest, route: Route | None) -> HttpResponse:
    """Answer one request of an SDK as the front does; `route` is None for a path of no SDK."""
    query = request.META.get("QUERY_STRING", "")
    head = RequestHead(request.method or "", request.path_info, query, request.headers)
    return http_response(answer_without_body(head, route) or _answer_with_body(request, head, route))


def http_response(response: FrontResponse) -> HttpResponse:
    """Return a response of the front as Django's."""
    return HttpResponse(response.body, status=response.status, headers=dict(response.headers))


def _answer_with_body(request: HttpRequest, head: RequestHead, route: Route | None) -> FrontResponse:
    assert route is not None
    # request.body would refuse what is larger than forms may be; the collector has a bound of its own.
    stream: ReadableStream = request
    if head.is_chunked:
        stream = request.META["wsgi.input"]  # Django reads nothing where no length is given
    try:
        body = read_bounded(stream, settings.COLLECT_MAX_BODY_BYTES)
    except BodyTooLarge as error:
        return refuse(head, IngestionRejected(413, str(error), reason=RefusalReason.TOO_LARGE))
    except UnreadablePostError:
        return refuse(head, IngestionRejected(400, "The body broke off.", reason=RefusalReason.BROKE_OFF))
    return answer_with_body(head, route, body)
