"""HTTP as clients speak it, at the server that an installation runs."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from accounts.models import User
from catalog.models import WriteKey
from runtime.supervision.process_control import processes_in_folder
from tests.factories.accounts import UserFactory
from tests.front.raw_http import BODY, ORIGIN, ask, half_post, open_with, post_events, read_response
from tests.live_processes import ROOT, LiveServer, wait_for
from tracking.traffic.models import InboxBatch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]
SIGN_IN = "/accounts/login/"


def events_head(key: WriteKey, *headers: str) -> bytes:
    authorization = base64.b64encode(f"{key.key}:".encode()).decode()
    lines = ["POST /v1/batch HTTP/1.1", "Host: x", f"Authorization: Basic {authorization}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_client_that_waits_for_100_continue_gets_it(server: LiveServer, key: WriteKey) -> None:
    line = open_with(server.port, events_head(key, f"Content-Length: {len(BODY)}", "Expect: 100-continue"))
    assert line.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n")
    line.sendall(BODY)
    assert read_response(line).status == 200
    line.close()
    assert InboxBatch.objects.count() == 1


def test_chunks_are_read_and_pages_ask_for_a_length(server: LiveServer, key: WriteKey) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:10], BODY[10:])) + b"0\r\n\r\n"
    line = open_with(server.port, events_head(key, "Transfer-Encoding: chunked") + chunks)
    assert read_response(line).status == 200
    line.close()
    assert bytes(InboxBatch.objects.get().body) == BODY

    form = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = open_with(server.port, form + chunks)
    assert read_response(line).status == 411
    line.close()


def test_one_connection_serves_many_requests_also_sent_ahead(server: LiveServer, key: WriteKey) -> None:
    request = events_head(key, f"Content-Length: {len(BODY)}") + BODY
    line = open_with(server.port, request * 3)
    received = b""
    while received.count(b"HTTP/1.1 200 OK") < 3:
        chunk = line.recv(65_536)
        assert chunk, received
        received += chunk
    line.close()
    assert InboxBatch.objects.count() == 3


@pytest.mark.parametrize("size", [4_200_000, 20_000_000])
def test_who_sends_too_much_hears_so_and_is_not_just_cut_off(server: LiveServer, key: WriteKey, size: int) -> None:
    answer = post_events(server.port, key.key, b" " * size)
    assert answer.status == 413
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert json.loads(answer.body)["code"] == 413


def test_head_has_no_body_and_options_needs_no_key(server: LiveServer) -> None:
    head = ask(server.port, "HEAD", SIGN_IN)
    assert (head.status, head.body) == (200, b"")
    preflight = ask(server.port, "OPTIONS", "/v1/t", origin=ORIGIN)
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert ask(server.port, "GET", "/v1/t", origin=ORIGIN).status == 405
    assert ask(server.port, "POST", "/v1/nothing", BODY, origin=ORIGIN).status == 404


def test_static_files_come_whole_in_part_and_not_again(server: LiveServer) -> None:
    path = "/static/css/tokens.css"
    content = (ROOT / "static/css/tokens.css").read_bytes()
    whole = ask(server.port, "GET", path)
    assert (whole.status, whole.body) == (200, content)
    part = ask(server.port, "GET", path, range="bytes=10-19")
    assert (part.status, part.body) == (206, content[10:20])
    assert ask(server.port, "GET", path, if_none_match=whole.headers["ETag"]).status == 304
    assert ask(server.port, "HEAD", path).headers["Content-Length"] == str(len(content))


def test_a_person_can_sign_in_and_the_form_s_body_arrives(server: LiveServer) -> None:
    person = UserFactory.create(username="ada")
    person.set_password("a-long-password-1")
    person.save()
    page = ask(server.port, "GET", SIGN_IN)
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    token = page.body.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&login=ada&password=a-long-password-1".encode()
    kind = {"content_type": "application/x-www-form-urlencoded", "cookie": cookie}
    answer = ask(server.port, "POST", SIGN_IN, form, **kind, host="127.0.0.1")
    assert answer.status == 302, answer
    assert any(value.startswith("sessionid=") for value in answer.headers.get_all("Set-Cookie"))
    assert User.objects.get(username="ada").last_login is not None


def test_clients_that_leave_in_the_middle_disturb_nobody(server: LiveServer, key: WriteKey) -> None:
    for data in (
        half_post("/v1/batch"),
        half_post("/v1/batch", 500_000),
        half_post(SIGN_IN),
        b"GET /",
        b"\x16\x03\x01",
    ):
        open_with(server.port, data).close()
        half = open_with(server.port, data)
        half.shutdown(socket.SHUT_WR)
        half.close()
    leaving = open_with(server.port, events_head(key, f"Content-Length: {len(BODY)}") + BODY)
    leaving.close()
    assert post_events(server.port, key.key).status == 200
    assert ask(server.port, "GET", SIGN_IN).status == 200
    assert "Traceback" not in server.output()


def test_slow_pages_stall_no_collector(tmp_path: Path, key: WriteKey) -> None:
    """The tables of pages are locked, so that every page waits, in more requests than there are threads for them."""
    from django.db import connection, transaction  # noqa: PLC0415

    with LiveServer(tmp_path, env={"PAGE_WAIT_SECONDS": "1"}) as server:
        assert ask(server.port, "GET", SIGN_IN).status == 200
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE accounts_session IN ACCESS EXCLUSIVE MODE")
            pages = []

            def visit() -> None:
                pages.append(ask(server.port, "GET", "/", cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345"))

            visitors = [threading.Thread(target=visit) for _ in range(8)]
            for visitor in visitors:
                visitor.start()
            wait_for(lambda: len(pages) >= 4, what="the pages that found no place")
            assert {page.status for page in pages} == {503}
            assert all(b"Signalbook is busy" in page.body for page in pages)
            for _ in range(5):
                answer = post_events(server.port, key.key)
                assert answer.status == 200 and answer.seconds < 2.0
                assert ask(server.port, "GET", "/healthz").seconds < 1.0
        for visitor in visitors:
            visitor.join(30)
        assert sorted(page.status for page in pages)[:4] == [302] * 4


def test_a_killed_process_of_the_server_is_replaced_and_what_was_answered_is_stored(
    tmp_path: Path, key: WriteKey
) -> None:
    with LiveServer(tmp_path, env={"WEB_PROCESSES": "2"}) as server:
        accepted: list[int] = []  # one entry for each answer, since a number would be read before the answer came
        stop = threading.Event()

        def send() -> None:
            while not stop.is_set():
                try:
                    if (status := post_events(server.port, key.key).status) == 200:
                        accepted.append(status)
                except (OSError, http.client.HTTPException):
                    continue

        senders = [threading.Thread(target=send) for _ in range(3)]
        for sender in senders:
            sender.start()
        workers = _children(server.session)
        os.kill(workers[0], signal.SIGKILL)
        wait_for(lambda: len(set(_children(server.session)) - {workers[0]}) == 2, what="another process")
        before = len(accepted)
        wait_for(lambda: len(accepted) > before + 10, what="more answers")
        stop.set()
        for sender in senders:
            sender.join(30)
        assert InboxBatch.objects.count() >= len(accepted) > 10


def test_a_process_that_stands_still_is_replaced(tmp_path: Path, key: WriteKey) -> None:
    with LiveServer(tmp_path, env={"WEB_PROCESSES": "2"}) as server:
        wait_for(lambda: post_events(server.port, key.key).status == 200, what="an answer")
        stopped = _children(server.session)[0]
        os.kill(stopped, signal.SIGSTOP)
        wait_for(lambda: stopped not in _children(server.session), seconds=40, what="the end of the one that stands")
        wait_for(lambda: len(_children(server.session)) == 2, what="another process")
        assert f"Web process {stopped} has not answered anything" in server.output()
        assert all(post_events(server.port, key.key).status == 200 for _ in range(10))


def test_one_that_is_killed_again_and_again_takes_no_other_with_it(tmp_path: Path, key: WriteKey) -> None:
    with LiveServer(tmp_path, env={"WEB_PROCESSES": "2"}) as server:
        wait_for(lambda: len(_children(server.session)) == 2, what="two processes")
        lasting, killed = _children(server.session)
        for _ in range(3):
            os.kill(killed, signal.SIGKILL)
            known = {lasting, killed}
            found = wait_for(lambda known=known: set(_children(server.session)) - known, what="another process")
            (killed,) = found
        wait_for(server.answers, what="the one that lasts, which may have been started only now")
        assert lasting in _children(server.session)


def _children(parent: int) -> list[int]:
    """The processes that answer: those of the server but for multiprocessing's own."""
    return [
        pid
        for pid in processes_in_folder(ROOT)
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == str(parent)
        and b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_it_stops_within_five_seconds_whatever_is_open(tmp_path: Path, key: WriteKey) -> None:
    with LiveServer(tmp_path, env={"WEB_PROCESSES": "2"}) as server:
        idle = [open_with(server.port, data) for data in (half_post("/v1/batch"), half_post(SIGN_IN), b"GET") * 5]
        post_events(server.port, key.key)
        began = time.monotonic()
        os.kill(server.session, signal.SIGTERM)
        wait_for(lambda: not server.is_running, what="the end")
        assert time.monotonic() - began < 5.0
        for line in idle:
            line.close()


def test_the_figures_are_those_of_all_processes(tmp_path: Path, key: WriteKey) -> None:
    with LiveServer(tmp_path, env={"WEB_PROCESSES": "2", "METRICS_TOKEN": "t"}) as server:
        wait_for(lambda: len(_children(server.session)) >= 2, what="two processes")
        for _ in range(20):
            assert post_events(server.port, key.key).status == 200
        for _ in range(6):  # whichever of the two is asked
            told = ask(server.port, "GET", "/metrics", authorization="Bearer t").body.decode()
            assert 'signalbook_collector_responses_total{status="200"} 20.0' in told
