"""What every client of the soak does: ask, note how long the answer took, and tell whether it may be as it is."""

from __future__ import annotations

import http.client
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.soak.escapes import Escape, EscapeLog
from benchmarks.soak.machine_lag import SETTLE_SECONDS, MachineLag
from tests.front.raw_http import RawResponse, ask

COLLECTOR = "collector"
COLLECTOR_SECONDS = 2.5
"""Two seconds from the last byte of a body, and half a second for the ways between on a busy machine."""

PAGE_SECONDS = 60.0
CLIENT_SECONDS = 75.0
"""How long a client waits: past every deadline of the front, so that a hang is seen as one."""

PROBE = " /readyz"
"""Answers 503 while it is not ready, to whoever asks again by himself."""

HARMLESS_ERRORS = (OSError, http.client.HTTPException)
"""A process that is killed takes its connections with it; who ended without being killed is told by the observer."""


@dataclass(slots=True)
class Clients:
    """The clients of one part together: where they ask, the slowest answers, and how many were 503 with Retry-After."""

    port: int
    escapes: EscapeLog
    lag: MachineLag
    slowest: dict[str, float] = field(default_factory=dict)
    told_to_wait: Counter[str] = field(default_factory=Counter)
    _web_left: float = math.inf
    _web_came: float = -math.inf
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def absent_web(self) -> Iterator[None]:
        """For the block there may be nobody who answers: who asks waits in the queue of the system."""
        self._web_left, self._web_came = time.monotonic(), math.inf
        yield
        self._web_came = time.monotonic()

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        seed: str,
        seconds: float = COLLECTOR_SECONDS,
    ) -> RawResponse | None:
        """Return the answer; None where the connection ended without one. Notes as an escape what must not come.

        That is a status from 500 on, but for 503 with Retry-After, and an answer after more than `seconds`.
        """
        began = time.monotonic()
        try:
            answer = ask(self.port, method, path, body, timeout=CLIENT_SECONDS, **headers)
        except TimeoutError:
            self._escape("hang", f"{method} {path[:200]} was not answered in {CLIENT_SECONDS:g} s", body, seed)
            return None
        except (*HARMLESS_ERRORS, UnicodeError):
            return None
        if answer.seconds_after_sending > seconds:
            time.sleep(SETTLE_SECONDS)
            seconds += self._excused_since(began)
        self._judge(kind, answer, f"{method} {path[:200]}", body, seed, seconds)
        return answer

    def _excused_since(self, began: float) -> float:
        """Return for how many seconds since `began` nobody could have answered, or nothing ran."""
        absent = min(time.monotonic() - SETTLE_SECONDS, self._web_came) - max(began, self._web_left)
        return max(absent, 0.0) + self.lag.since(began)

    def _judge(self, kind: str, answer: RawResponse, asked: str, body: bytes | None, seed: str, seconds: float) -> None:
        took = answer.seconds_after_sending
        is_told_to_wait = answer.status == 503 and bool(answer.headers["Retry-After"])
        with self._lock:
            self.slowest[kind] = max(self.slowest.get(kind, 0.0), took)
            self.told_to_wait[kind] += is_told_to_wait
        if took > seconds:
            detail = f"{asked}: {answer.status} after {took:.1f} s, where {seconds:.1f} s are allowed"
            self._escape("slow answer", detail, body, seed)
        is_not_ready = answer.status == 503 and PROBE in asked
        if answer.status >= 500 and not (is_told_to_wait or is_not_ready):
            self._escape("server error", f"{asked}: {answer.status} {answer.body[:200]!r}", body, seed)

    def _escape(self, kind: str, detail: str, body: bytes | None, seed: str) -> None:
        self.escapes.add(Escape.of_input(kind, detail, body or b"", seed=seed))
