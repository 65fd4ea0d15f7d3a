"""Clients that are slow on purpose: they wait for themselves, and nobody else waits for them."""

from __future__ import annotations

import gzip
import json
import socket
import time
from base64 import b64encode
from pathlib import Path

import pytest

from catalog.models import WriteKey
from tests.front.raw_http import BODY, ORIGIN, ask, half_post, held_open, open_with, post_events, read_response
from tests.live_processes import LiveServer, wait_for
from tracking.traffic.models import InboxBatch, RefusedRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]
SOON = 2.0
SIGN_IN = "/accounts/login/"


def is_answered_soon(server: LiveServer, key: WriteKey) -> None:
    """Assert that probe, collector and page answer while others hold connections."""
    for _ in range(3):
        probe = ask(server.port, "GET", "/healthz")
        assert (probe.status, probe.seconds < SOON) == (200, True), probe
        posted = post_events(server.port, key.key)
        assert (posted.status, posted.seconds < SOON) == (200, True), posted
    page = ask(server.port, "GET", SIGN_IN)
    assert page.status == 200 and b"Sign in" in page.body


def test_half_sent_bodies_stop_nobody_and_end_by_themselves(server: LiveServer, key: WriteKey) -> None:
    ask(server.port, "GET", SIGN_IN)
    began = time.monotonic()
    halves = [half_post("/v1/batch")] * 4 + [half_post(SIGN_IN)] * 5
    with held_open(server.port, halves) as lines:
        is_answered_soon(server, key)
        answers = [read_response(line) for line in lines]
        assert time.monotonic() - began < 15
    for answer in answers[:4]:
        told = json.loads(answer.body)
        assert (answer.status, told["code"], told["success"]) == (408, 408, False)
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Connection"] == "close" or answer.headers["Connection"] is None
    for answer in answers[4:]:
        assert answer.status == 408
        assert answer.headers["Content-Type"].startswith("text/html") and b"did not come in time" in answer.body
    assert InboxBatch.objects.count() == 3
    refused = wait_for(lambda: list(RefusedRequest.objects.filter(status=408)), what="the refusals")
    assert {row.reason for row in refused} == {"too_slow"}


def test_a_trickle_ends_by_its_deadline(server: LiveServer, key: WriteKey) -> None:
    began = time.monotonic()
    line = open_with(server.port, half_post("/v1/batch", length=100_000))
    line.settimeout(0.5)
    answer = b""
    while not answer and time.monotonic() - began < 20:
        try:
            line.sendall(b" ")
            answer = line.recv(1000)
        except TimeoutError:
            continue
    line.close()
    assert answer.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 10
    assert not InboxBatch.objects.exists()


@pytest.mark.timeout(240)
def test_thousands_of_slow_headers_and_bodies_stop_nobody(server: LiveServer, key: WriteKey, many_files: None) -> None:
    ask(server.port, "GET", SIGN_IN)
    kinds = [b"POST /v1/ba", half_post("/v1/batch"), half_post(SIGN_IN), half_post("/v1/batch", 500_000, b"{" * 2_000)]
    with held_open(server.port, [kinds[number % len(kinds)] for number in range(3_000)]):
        is_answered_soon(server, key)
    is_answered_soon(server, key)


def test_readers_who_take_nothing_hold_nothing_up(server: LiveServer, key: WriteKey, many_files: None) -> None:
    style = ask(server.port, "GET", SIGN_IN).body.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
    wanted = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 20 for path in (style, SIGN_IN)]
    with held_open(server.port, [wanted[number % 2] for number in range(300)]):
        probe = ask(server.port, "GET", "/healthz")
        assert probe.status == 200 and probe.seconds < SOON
        posted = post_events(server.port, key.key)
        assert posted.status == 200 and posted.seconds < SOON


def test_a_client_that_takes_nothing_for_long_is_cut_off(tmp_path: Path, key: WriteKey) -> None:
    with LiveServer(tmp_path, env={"UNSENT_SECONDS": "2"}) as server:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(30)
        line.connect(("127.0.0.1", server.port))
        line.sendall(b"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2_000)
        # The kernel takes it back: what was not read in two seconds will not come any more.
        time.sleep(6)
        received = 0
        with pytest.raises(ConnectionError):
            while chunk := line.recv(1 << 20):
                received += len(chunk)
            raise ConnectionResetError
        line.close()
        assert received < 2_000 * 2_000
        assert post_events(server.port, key.key, BODY).status == 200


HEAVY = {
    "damaged": b'{"batch":[],"x":[' + b"0," * 290_000 + b"0,,]}",
    "long": b'{"batch":[],' + b" \n" * 8_000_000 + b'"x":0}',
}


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
@pytest.mark.parametrize("has_key", [True, False])
def test_small_bodies_that_take_long_to_read_stop_nobody(
    server: LiveServer, key: WriteKey, body: bytes, has_key: bool
) -> None:
    packed = gzip.compress(body)
    assert len(packed) < 20_000
    credentials = f"Authorization: Basic {b64encode(f'{key.key}:'.encode()).decode()}\r\n" if has_key else ""
    head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\n{credentials}Content-Length: {len(packed)}\r\n\r\n"
    is_answered_soon(server, key)
    with held_open(server.port, [head.encode() + packed] * 16):
        is_answered_soon(server, key)


def test_damaged_bodies_stop_no_large_ones(server: LiveServer, key: WriteKey) -> None:
    """Whole ones over 256 KB, as SDKs of servers send them, have a thread of their own."""
    large = b'{"batch":[{"type":"track","event":"x","properties":{"a":"' + b"y" * 300_000 + b'"}}]}'
    packed = gzip.compress(HEAVY["damaged"])
    credentials = f"Authorization: Basic {b64encode(f'{key.key}:'.encode()).decode()}\r\n"
    head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\n{credentials}Content-Length: {len(packed)}\r\n\r\n"
    is_answered_soon(server, key)
    with held_open(server.port, [head.encode() + packed] * 16):
        assert [post_events(server.port, key.key, large).status for _ in range(5)] == [200] * 5
