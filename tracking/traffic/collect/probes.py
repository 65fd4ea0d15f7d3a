"""Probes: whether the process is up, whether the parts it needs answer, and its figures."""

import logging
import re

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_prometheus.exports import ExportToDjangoView

from front.http_messages import FrontResponse, json_response
from tracking.traffic.collect.views import http_response
from tracking.traffic.collect.worker_beats import LATE, QUEUES, SCHEDULE, inbox_part, queue_parts

logger = logging.getLogger(__name__)


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


DATABASE_SILENT_PARTS = {"database": "does not answer", **dict.fromkeys((*QUEUES, SCHEDULE, "inbox"), "unknown")}
ALIVE = json_response(200, {"status": "ok"})
"""The process is up: known without asking anybody."""


def readiness() -> FrontResponse:
    """Return 200 where the database answers and each queue has a worker that lives, else 503.

    Either way with the state of each part. What is late, and not dead, is 200 with a word of it: nobody helps it by
    sending people elsewhere, or by starting it again. Waits for the database: whoever may not, sets a limit.
    """
    now = timezone.now()
    try:
        parts = {"database": "ok"} | queue_parts(now) | {"inbox": inbox_part(now, settings.INBOX_LATE)}
    except (DatabaseError, InterfaceError):
        parts = DATABASE_SILENT_PARTS
    return readiness_response(parts)


def readiness_response(parts: dict[str, str]) -> FrontResponse:
    """Return the response that tells these parts, each `ok` or what is wrong with it, and log where they changed."""
    words = set(parts.values())
    is_ready = all(word == "ok" or word.startswith(LATE) for word in words)
    readiness_log.log_change({part: _without_figures(word) for part, word in parts.items()}, is_ready=is_ready)
    status = "not ready" if not is_ready else "ok" if words == {"ok"} else "late"
    return json_response(200 if is_ready else 503, {"status": status, **parts})


def _without_figures(words: str) -> str:
    """Return the words with no number, which changes at each question and says nothing new."""
    return re.sub(r"\d+", "…", words)


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
