"""Requests whose failures are gathered instead of raised, so that one run names all of them."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client

MAX_TEXT = 120


@dataclass
class ServerErrors:
    """What was asked, and the answers from 500 on, each with the place that raised."""

    asked: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    _raised: str = ""

    def send(self, client: Client, method: str, url: str, **options: Any) -> Any:
        """Return the answer to one request, of which nothing stays in the database."""
        self._raised = ""
        with transaction.atomic():
            answer = client.generic(method, url, **options)
            transaction.set_rollback(True)
        self.asked += 1
        if answer.status_code >= 500 and answer.status_code != 503:
            sent = repr(options.get("data", ""))[:MAX_TEXT]
            self.failures.setdefault(self._raised or url, f"{answer.status_code} {method} {url[:MAX_TEXT]} {sent}")
        return answer

    def note(self, **_signal: Any) -> None:
        """Keep what a request raised: the exception and the last place of ours on its way."""
        error = sys.exc_info()[1]
        assert error is not None
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename] or list(frames)
        place = f"{ours[-1].filename.rpartition('signalbook/')[2]}:{ours[-1].lineno}"
        self._raised = f"{type(error).__name__}: {str(error)[:MAX_TEXT]!r} at {place}"

    def report(self) -> str:
        """Return one line for each different failure."""
        return "\n".join(f"{request}\n    {raised}" for raised, request in self.failures.items())


@contextmanager
def gathered_server_errors() -> Iterator[ServerErrors]:
    """Gather failures; at the end, fail with a list of them where there were any."""
    errors = ServerErrors()
    logging.disable(logging.ERROR)  # else each failure's traceback is printed, and their list is not seen
    got_request_exception.connect(errors.note)
    try:
        yield errors
    finally:
        got_request_exception.disconnect(errors.note)
        logging.disable(logging.NOTSET)
    assert not errors.failures, f"{len(errors.failures)} of {errors.asked}:\n{errors.report()}"
