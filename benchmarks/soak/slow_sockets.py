"""Clients that are slow on purpose: half of a header, half of a body, and readers who take nothing."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from random import Random

from benchmarks.soak.background_work import BackgroundWork
from tests.front.raw_http import half_post, open_with

SIGN_IN = "/accounts/login/"
HELD_SECONDS = (3.0, 25.0)
"""Longer than a header and a pause within a body may take: some are ended by the front, some by themselves."""

BEGINNINGS = (
    b"POST /v1/ba",
    half_post("/v1/batch"),
    half_post(SIGN_IN),
    half_post("/v1/batch", 500_000, b"{" * 2_000),
)


@dataclass(slots=True)
class SlowSockets(BackgroundWork):
    """Holds some `width` slow connections open, again and again. `opened` counts them."""

    port: int
    seed: str
    width: int
    opened: int = 0

    def _work(self, number: int) -> None:
        random = Random(self.seed)
        while not self._should_stop.is_set():
            with contextlib.ExitStack() as held:
                for place in range(self.width):
                    # Whoever is killed takes no connection, or ends it in the middle.
                    with contextlib.suppress(OSError):
                        line = (
                            self._open_reader() if place % 5 == 4 else open_with(self.port, random.choice(BEGINNINGS))
                        )
                        held.callback(line.close)
                        self.opened += 1
                self._should_stop.wait(random.uniform(*HELD_SECONDS))

    def _open_reader(self) -> socket.socket:
        """Ask for many pages, and read none of them."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(5)
        line.connect(("127.0.0.1", self.port))
        line.sendall(f"GET {SIGN_IN} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 20)
        return line
