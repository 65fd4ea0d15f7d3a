"""The load generator: it sends everything once, waits where it is asked to, and counts what comes back."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

import pytest

from benchmarks.load.generator import percentiles
from benchmarks.load.generator_process import send
from benchmarks.load.plan import PASS, SECOND, Plan, pass_mark, write_requests
from benchmarks.load.schedule import REPEATED_AFTER, Item, Schedule

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
WAIT = b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\nRetry-After: 1\r\n\r\n{}"
REFUSED = b"HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nbad"


class Server(socketserver.ThreadingTCPServer):
    """Answers requests as `answer` says, by how many came before: b"" closes the connection without a word."""

    daemon_threads = True

    def __init__(self, answer: Callable[[int], bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.numbers = count()
        self.bodies: list[bytes] = []
        self.times: list[float] = []

    @property
    def port(self) -> int:
        return self.server_address[1]


class Handler(socketserver.StreamRequestHandler):
    """Reads whole requests from one connection until it is closed."""

    server: Server

    def handle(self) -> None:
        while line := self.rfile.readline():
            length = 0
            while line.strip():
                if found := re.match(rb"Content-Length: (\d+)", line):
                    length = int(found[1])
                line = self.rfile.readline()
            body = self.rfile.read(length)
            self.server.bodies.append(body)
            self.server.times.append(time.monotonic())
            if not (answer := self.server.answer(next(self.server.numbers))):
                return
            self.wfile.write(answer)


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[int], bytes]], Server]]:
    servers = []

    def start(answer: Callable[[int], bytes]) -> Server:
        servers.append(Server(answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def requests_file(tmp_path: Path) -> str:
    bodies = [b'{"id": "%s-%d", "at": "%s"}' % (PASS, number, SECOND) for number in range(10)]
    bodies[3] += b" " * 1_000_000  # more than a socket takes at once
    requests = [b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies]
    write_requests(tmp_path / "requests", requests)
    return str(tmp_path / "requests")


def ids_of(server: Server) -> Counter[bytes]:
    return Counter(re.findall(rb'"id": "([^"]+)"', b"".join(server.bodies)))


def test_each_request_comes_once_with_ids_and_times_of_its_own(
    serve: Callable[..., Server], requests_file: str
) -> None:
    server = serve(lambda number: OK)
    sent = send(Plan(port=server.port, requests_file=requests_file, seconds=60, requests=25, run=7))
    assert (sent.requests, sent.repeats, sent.retries, sent.statuses) == (25, 0, 0, {200: 25})
    ids = ids_of(server)
    assert len(ids) == 25 and set(ids.values()) == {1}
    assert {name.partition(b"-")[0] for name in ids} == {pass_mark(7, number) for number in range(3)}
    assert not any(SECOND in body for body in server.bodies)
    assert 0 < sent.latencies["50"] <= sent.latencies["99"] <= sent.latencies["100"]
    assert sent.processor_seconds > 0


def test_some_are_sent_twice_byte_by_byte(serve: Callable[..., Server], requests_file: str) -> None:
    server = serve(lambda number: OK)
    sent = send(Plan(port=server.port, requests_file=requests_file, seconds=60, requests=100, twice_every=20))
    assert (sent.requests, sent.repeats, sent.answered) == (100, 5, 105)
    twice = [body for body, times in Counter(server.bodies).items() if times == 2]
    assert len(twice) == 5 and set(Counter(server.bodies).values()) == {1, 2}


def test_who_asks_to_wait_is_waited_for_and_gets_everything(serve: Callable[..., Server], requests_file: str) -> None:
    server = serve(lambda number: WAIT if number == 10 else OK)
    plan = Plan(port=server.port, requests_file=requests_file, seconds=60, requests=30, connections=2)
    sent = send(plan)
    assert (sent.requests, sent.retries, sent.statuses) == (30, 1, {200: 30, 503: 1})
    assert sorted(ids_of(server).values()) == [1] * 29 + [2]
    assert 0.9 < sent.waited <= 1.0
    pauses = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
    assert max(pauses) > 0.9 and sent.seconds > 1


def test_what_a_lost_connection_held_is_sent_again(serve: Callable[..., Server], requests_file: str) -> None:
    server = serve(lambda number: b"" if number % 10 == 5 else OK)
    sent = send(Plan(port=server.port, requests_file=requests_file, seconds=60, requests=20, connections=3))
    assert sent.answered == 20 and len(ids_of(server)) == 20
    assert sent.retries >= 2 and sent.connections_lost == sent.retries


def test_a_refusal_ends_it(serve: Callable[..., Server], requests_file: str) -> None:
    server = serve(lambda number: REFUSED if number == 5 else OK)
    with pytest.raises(RuntimeError, match="400: bad"):
        send(Plan(port=server.port, requests_file=requests_file, seconds=60, requests=1_000))


def test_it_keeps_a_rate_and_ends_in_time(serve: Callable[..., Server], requests_file: str) -> None:
    server = serve(lambda number: OK)
    sent = send(Plan(port=server.port, requests_file=requests_file, seconds=1, rate=50))
    assert 45 <= sent.requests <= 51
    assert 0.8 < sent.seconds < 3


class Clock:
    """A clock that is moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_latency_counts_from_when_a_request_was_due() -> None:
    clock = Clock()
    schedule = Schedule(Plan(port=0, requests_file="", seconds=10, rate=10), [PASS], clock)
    schedule.start()
    first = schedule.next()
    assert first is not None and first.since == 100.0 and schedule.next() is None
    assert schedule.seconds_until_next() == pytest.approx(0.1)
    clock.now += 0.35  # the server was slow: three are late by now
    late = list(iter(schedule.next, None))
    assert [item.since for item in late] == pytest.approx([100.1, 100.2, 100.3])


def test_a_repeat_follows_after_some_others_and_none_is_forgotten() -> None:
    plan = Plan(port=0, requests_file="", seconds=10, twice_every=2, requests=4)
    schedule = Schedule(plan, [b"%d" % number for number in range(10)], Clock())
    schedule.start()
    assert [item.request for item in iter(schedule.next, None)] == [b"0", b"1", b"2", b"3", b"1", b"3"]
    assert schedule.is_empty and schedule.repeats == 2
    long = Schedule(Plan(port=0, requests_file="", seconds=10, twice_every=2), [b"%d" % n for n in range(99)], Clock())
    long.start()
    items = [item.request for item in islice(iter(long.next, None), 60)]
    assert items.index(b"1", 2) - items.index(b"1") == REPEATED_AFTER


def test_nothing_is_sent_while_the_server_asks_to_wait() -> None:
    clock = Clock()
    schedule = Schedule(Plan(port=0, requests_file="", seconds=10), [b"1", b"2"], clock)
    schedule.start()
    item = schedule.next()
    assert isinstance(item, Item)
    schedule.put_back(item, after=5)
    schedule.put_back(Item(b"other", 0), after=5)
    assert schedule.next() is None and schedule.seconds_until_next() == 5
    clock.now += 5
    assert [each.request for each in (schedule.next(), schedule.next()) if each] == [b"1", b"other"]
    assert (schedule.retries, schedule.waited) == (2, 5)


def test_marks_of_passes_have_one_length_and_differ() -> None:
    marks = {pass_mark(run, number) for run in range(3) for number in range(2_000)}
    assert len(marks) == 6_000 and {len(mark) for mark in marks} == {len(PASS)}


def test_percentiles_are_milliseconds() -> None:
    assert percentiles(array("d")) == {}
    found = percentiles(array("d", [number / 1_000 for number in range(1, 201)]))
    assert found == {"50": 101.0, "95": 191.0, "99": 199.0, "100": 200.0}
