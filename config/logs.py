"""Log lines as structured text, without query strings or payloads (they carry what people did)."""

import logging
import logging.config
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from structlog.typing import Processor

PROBE_PATH = "/readyz"


class ProbeFilter(logging.Filter):
    """Drops Django's log line for each response of the readiness probe: not being ready is no error."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != PROBE_PATH


class OutageFilter(logging.Filter):
    """Leaves the traceback out of a 503: that the database was away is no fault of the page that asked it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 0) == HTTPStatus.SERVICE_UNAVAILABLE:
            record.exc_info = record.exc_text = None
        return True


def configure(settings: Mapping[str, Any]) -> None:
    """Set up logging for the process. Called by Django once, with `LOGGING`: the `level` from which on lines appear.

    Django does not call us where `LOGGING` is empty, and every error would be lost.
    """
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # A log that cannot be written, on a full disk, would be followed by a traceback for each line.
    logging.raiseExceptions = False
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    # Its own choice would print the values of local variables with a traceback: keys, payloads, people.
                    "processor": structlog.dev.ConsoleRenderer(
                        colors=False, exception_formatter=structlog.dev.plain_traceback
                    ),
                    "foreign_pre_chain": chain,
                }
            },
            "filters": {"without probes": {"()": ProbeFilter}, "outages in a line": {"()": OutageFilter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": settings["level"]},
            # A 403 or 404 is no error: without this line Django logs a traceback for each.
            "loggers": {
                "django.server": {"level": "WARNING"},
                "django.request": {"level": "ERROR", "filters": ["without probes", "outages in a line"]},
            },
        }
    )
