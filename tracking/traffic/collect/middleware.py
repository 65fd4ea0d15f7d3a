"""The way past everything that is made for pages: sessions, cookies, policies, and the list of host names."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from tracking.traffic.collect.probes import healthz, readyz
from tracking.traffic.collect.views import collector
from tracking.traffic.collect.wires import find_route, is_collector_path

PROBES = {"healthz": healthz, "readyz": readyz}


class CollectorMiddleware:
    """Answers the collector's paths and the probes before any other middleware sees the request.

    SDKs and load balancers call hosts that ALLOWED_HOSTS need not know, and nothing of theirs depends on a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if is_collector_path(path):
            return collector(request, find_route(path))
        if probe := PROBES.get(path[1:].rstrip("/")):
            return probe(request)
        return self.get_response(request)
