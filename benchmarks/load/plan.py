"""What a generator is told, and what it tells: the files between it and who started it."""

from pathlib import Path

import msgspec

PASS = b"p00000"
"""Stands in every id of an event; each pass through the requests writes its own number there."""

SECOND = b"2026-03-14T09:26:53"
"""Stands in every time; what is sent has the second in which it is sent."""


class Plan(msgspec.Struct):
    """What is to be sent: whole HTTP requests, in their order and again from the first, each with ids of its own.

    `rate` is how many requests a second, None as fast as it goes. It ends after `seconds`, or `requests` of them,
    whichever comes first. Every `twice_every`-th is sent again a little later, byte by byte the same (0: none).
    `run` keeps the ids of several runs apart.
    """

    port: int
    requests_file: str
    seconds: float
    rate: float | None = None
    requests: int | None = None
    twice_every: int = 0
    run: int = 0
    connections: int = 32
    deadline: float = 600.0


class Sent(msgspec.Struct):
    """What was sent, and what came back.

    `requests` were new ones, `repeats` those of them that were sent twice by the plan, `retries` those that were sent
    again because the server had asked for it or a connection had ended. `waited` are the seconds in which nothing was
    sent since the server had asked to wait. Latencies are milliseconds by percentile: from when a request was due,
    where there is a rate, else from when it was sent, until its answer was there; of answers with 200 alone.
    """

    requests: int
    repeats: int
    retries: int
    seconds: float
    answered_at: float  # the last one, by `time.perf_counter`, which all processes of a machine share
    waited: float
    processor_seconds: float
    statuses: dict[int, int]
    latencies: dict[str, float]
    connections_lost: int = 0
    refused: str = ""  # what the first answer said that is neither 200 nor asks to wait

    @property
    def answered(self) -> int:
        """How many requests were answered with 200."""
        return self.statuses.get(200, 0)


def write_requests(path: Path, requests: list[bytes]) -> None:
    """Write requests where a generator reads them."""
    path.write_bytes(msgspec.msgpack.encode(requests))


def read_requests(path: Path) -> list[bytes]:
    """Return the requests of a file."""
    return msgspec.msgpack.decode(path.read_bytes(), type=list[bytes])


def pass_mark(run: int, number: int) -> bytes:
    """Return what stands for `PASS` in the requests of a pass, as long as that. Room for 100 runs of 36^3 passes."""
    digits = ""
    for _ in range(3):
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"p{run % 100:02d}{digits}".encode()
