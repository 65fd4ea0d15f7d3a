"""Probes: whether the process is up, whether the parts it needs answer, and its figures."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_prometheus.exports import ExportToDjangoView

from front.http_messages import FrontResponse, json_response
from tracking.traffic.collect.views import http_response
from tracking.traffic.models import WorkerBeat

logger = logging.getLogger(__name__)

HEARTBEAT_TIMEOUT = timedelta(seconds=60)
"""How long a worker may say nothing before it counts as gone."""


class ReadinessLog:
    """What a process last answered, so that its log says when readiness changes and not at each question."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}

    def log_change(self, parts: dict[str, str], *, is_ready: bool) -> None:
        """Write one line where the parts are not as they were."""
        if parts != self.parts:
            self.parts = dict(parts)
            summary = ", ".join(f"{part}: {state}" for part, state in parts.items())
            logger.info("%s (%s)", "Ready" if is_ready else "Not ready", summary)


readiness_log = ReadinessLog()


DATABASE_SILENT_PARTS = {"database": "does not answer", "worker": "unknown"}
ALIVE = json_response(200, {"status": "ok"})
"""The process is up: known without asking anybody."""


def readiness() -> FrontResponse:
    """Return 200 where database and worker answer, else 503; either way with the state of each part.

    Waits for the database: whoever may not, sets a limit.
    """
    parts = {"database": "ok", "worker": "ok"}
    try:
        last_beat = WorkerBeat.objects.aggregate(last=Max("at"))["last"]
    except (DatabaseError, InterfaceError):
        parts = DATABASE_SILENT_PARTS
    else:
        if last_beat is None:
            parts["worker"] = "has not started"
        elif timezone.now() - last_beat > HEARTBEAT_TIMEOUT:
            parts["worker"] = "has not been heard of for a minute"
    return readiness_response(parts)


def readiness_response(parts: dict[str, str]) -> FrontResponse:
    """Return the response that tells these parts, each `ok` or what is wrong with it, and log where they changed."""
    is_ready = set(parts.values()) == {"ok"}
    readiness_log.log_change(parts, is_ready=is_ready)
    return json_response(200 if is_ready else 503, {"status": "ok" if is_ready else "not ready", **parts})


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer the probe of the process behind Django alone."""
    return http_response(ALIVE)


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer the probe of the parts behind Django alone."""
    return http_response(readiness())


def process_metrics(request: HttpRequest) -> HttpResponse:
    """Answer the process's figures in the text format of Prometheus, to whoever shows `METRICS_TOKEN`.

    Raises PermissionDenied without it: what a company counts is nobody else's business. The demo asks for none.
    """
    presented_token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    expected_token = settings.METRICS_TOKEN
    if not settings.IS_DEMO and not (expected_token and constant_time_compare(presented_token, expected_token)):
        raise PermissionDenied("Figures are for whoever shows the token that METRICS_TOKEN sets.")
    response: HttpResponse = ExportToDjangoView(request)
    return response
