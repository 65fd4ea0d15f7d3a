"""A database that is frozen, with every connection to it open, or gone: who asks hears so, and in time."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from catalog.models import WriteKey
from runtime.database.postgres_binaries import wheel_executables
from tests.database.frozen_server import FreezableServer, freezable_server
from tests.front.raw_http import ORIGIN, RawResponse, ask, post_events
from tests.live_processes import LiveServer, database_url, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]
SIGN_IN = "/accounts/login/"
SESSION = "sessionid=abcdefghijklmnopqrstuvwxyz012345"  # nobody's, but the database is asked for it


@pytest.fixture
def frozen_to_be(key: WriteKey) -> Iterator[FreezableServer]:
    """A server of this test alone with a copy of the database: other tests must not be frozen with it."""
    with freezable_server() as server:
        tools = wheel_executables()
        dump = subprocess.run([tools / "pg_dump", "--no-owner", database_url()], capture_output=True, check=True).stdout
        subprocess.run([tools / "psql", "--quiet", server.url], input=dump, capture_output=True, check=True)
        yield server
        server.thaw()


def stored(server: FreezableServer) -> int:
    with psycopg.connect(server.url) as line:
        row = line.execute("SELECT count(*) FROM traffic_inboxbatch").fetchone()
    assert row is not None
    return int(row[0])


def is_refused_in_time(answer: RawResponse) -> None:
    assert answer.status == 503
    assert answer.seconds < 2.0, answer
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert json.loads(answer.body)["code"] == 503


@pytest.mark.timeout(240)
def test_a_frozen_database_holds_nobody_up(frozen_to_be: FreezableServer, key: WriteKey, tmp_path: Path) -> None:
    # More threads of pages than the machine's load could keep busy, fewer than the requests below.
    with LiveServer(tmp_path, env={"DATABASE_URL": frozen_to_be.url}) as server, ThreadPoolExecutor(30) as clients:
        assert post_events(server.port, key.key).status == 200
        assert ask(server.port, "GET", SIGN_IN).status == 200
        assert stored(frozen_to_be) == 1
        with frozen_to_be.frozen():
            frozen_at = time.monotonic()
            posts = [clients.submit(post_events, server.port, key.key) for _ in range(12)]
            pages = [clients.submit(ask, server.port, "GET", f"/?n={number}", cookie=SESSION) for number in range(8)]
            probe = ask(server.port, "GET", "/healthz")
            assert (probe.status, probe.seconds < 1.0) == (200, True)
            ready = ask(server.port, "GET", "/readyz")
            assert (ready.status, ready.seconds < 2.0) == (503, True)
            assert json.loads(ready.body)["database"] == "does not answer"
            for post in posts:
                is_refused_in_time(post.result())
            for page in pages:
                answer = page.result()
                assert answer.status == 503 and answer.seconds < 5.0, answer
                assert b"The database does not answer" in answer.body
                assert answer.headers["Retry-After"] and answer.headers["Cache-Control"] == "no-store"
            # By now it is known: nobody has to find out any more.
            assert time.monotonic() - frozen_at < 15
            again = post_events(server.port, key.key)
            is_refused_in_time(again)
            page_again = ask(server.port, "GET", "/")
            assert page_again.status == 503 and page_again.seconds < 1.0
            api = ask(server.port, "GET", "/api/v1/events/")
            assert api.status == 503 and json.loads(api.body)["status"] == 503
            probe = ask(server.port, "GET", "/healthz")
            assert (probe.status, probe.seconds < 1.0) == (200, True)
        wait_for(lambda: post_events(server.port, key.key).status == 200, what="the collector")
        wait_for(lambda: ask(server.port, "GET", SIGN_IN).status == 200, what="the pages")
        assert stored(frozen_to_be) >= 2
        assert server.output().count("The database does not answer.") == 1
        assert server.output().count("The database answers again.") == 1


@pytest.mark.timeout(120)
def test_a_database_that_is_gone_is_told_before_anybody_knows_it(
    frozen_to_be: FreezableServer, key: WriteKey, tmp_path: Path
) -> None:
    with LiveServer(tmp_path, env={"DATABASE_URL": frozen_to_be.url}) as server:
        assert post_events(server.port, key.key).status == 200
        for path in (SIGN_IN, "/metrics"):
            ask(server.port, "GET", path)
        frozen_to_be.kill()
        # The first ones are asked before the watch has noticed anything; some find a connection that was open.
        for path in ("/", "/metrics", SIGN_IN, "/api/v1/events/", "/", "/api/v1/events/") * 2:
            answer = ask(server.port, "GET", path, cookie=SESSION)
            assert answer.status in ((503, 403) if path == "/metrics" else (503,)), (path, answer)
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0 and answer.headers["Cache-Control"] == "no-store"
                says = json.loads(answer.body)["detail"] if path.startswith("/api/") else answer.body.decode()
                assert "has not answered" in says
        is_refused_in_time(post_events(server.port, key.key))
        assert "The database does not answer." not in server.output().split("Service Unavailable")[0]
        assert "Service Unavailable" in server.output() and "Traceback" not in server.output()
