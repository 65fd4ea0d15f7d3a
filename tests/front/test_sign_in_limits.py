"""Limits of signing in behind the front: they go by who came, not by the proxy, and not by what a client claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.front.raw_http import ask
from tests.live_processes import LiveServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]
SIGN_IN = "/accounts/login/"
FAILURES_ALLOWED = 10  # from one address within a minute


def is_limited(server: LiveServer, name: str, *, forwarded_for: str) -> bool:
    """Fail to sign in, and return whether that was refused for having been tried too often."""
    page = ask(server.port, "GET", SIGN_IN)
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    token = page.body.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&login={name}&password=wrong".encode()
    headers = {"content_type": "application/x-www-form-urlencoded", "cookie": cookie, "x_forwarded_for": forwarded_for}
    answer = ask(server.port, "POST", SIGN_IN, form, **headers)
    assert answer.status == 200, answer
    return b"Too many failed" in answer.body


def test_behind_a_trusted_proxy_each_address_has_its_own_limit(tmp_path: Path, transactional_db: None) -> None:
    with LiveServer(tmp_path, env={"TRUSTED_PROXIES": "127.0.0.0/8"}) as server:
        limited = [
            is_limited(server, f"nobody-{number}", forwarded_for="198.51.100.1")
            for number in range(FAILURES_ALLOWED + 1)
        ]
        assert limited == [False] * FAILURES_ALLOWED + [True]
        assert not is_limited(server, "somebody", forwarded_for="198.51.100.2")


def test_without_one_a_claimed_address_evades_no_limit(tmp_path: Path, transactional_db: None) -> None:
    with LiveServer(tmp_path) as server:
        limited = [
            is_limited(server, f"nobody-{number}", forwarded_for=f"198.51.100.{number}")
            for number in range(FAILURES_ALLOWED + 1)
        ]
        assert limited == [False] * FAILURES_ALLOWED + [True]
