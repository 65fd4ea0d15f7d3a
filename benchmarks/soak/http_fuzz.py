"""The threads that send hostile requests to the installation while it is killed."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from random import Random

from benchmarks.soak.background_work import BackgroundWork
from benchmarks.soak.clients import HARMLESS_ERRORS, Clients
from benchmarks.soak.fuzz.hostile_requests import hostile_request
from tests.front.raw_http import open_with, read_response

SENDERS = 2
PAUSE_SECONDS = 0.02
RAW_SHARE = 0.05


@dataclass(slots=True)
class HttpFuzz(BackgroundWork):
    """Sends hostile requests. `answered` counts the requests that got an answer; others count for nothing."""

    clients: Clients
    key: str
    token: str
    seed: str
    answered: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def thread_count(self) -> int:
        return SENDERS

    def _work(self, number: int) -> None:
        seed = f"{self.seed}/fuzz-{number}"
        random, sent = Random(seed), 0
        while not self._should_stop.wait(PAUSE_SECONDS):
            sent += 1
            is_answered = (
                self._send_bytes(random)
                if random.random() < RAW_SHARE
                else self._send_request(random, f"{seed}, request {sent}")
            )
            with self._lock:
                self.answered += is_answered

    def _send_request(self, random: Random, seed: str) -> bool:
        asked = hostile_request(random, self.key, self.token)
        answer = self.clients.ask(
            f"hostile, {asked.kind}",
            asked.method,
            asked.path,
            asked.body,
            asked.headers,
            seed=seed,
            seconds=asked.seconds,
        )
        return answer is not None

    def _send_bytes(self, random: Random) -> bool:
        """Send what is no HTTP, or only begins so. Whatever is answered, the process must live: the observer looks."""
        begin = random.choice((b"", b"GET / HTTP/1.1\r\n", b"POST /v1/batch HTTP/1.1\r\nContent-Length: 5\r\n"))
        with contextlib.suppress(*HARMLESS_ERRORS):
            with contextlib.closing(open_with(self.clients.port, begin + random.randbytes(300) + b"\r\n\r\n")) as line:
                line.settimeout(5)
                read_response(line)
            return True
        return False
