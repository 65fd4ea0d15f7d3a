"""Limits of signing in behind the front: they go by who came, not by the proxy, and not by what a client claims."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from accounts.models import SignInAttempt
from tests.live_processes import LiveServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]
SIGN_IN = "/accounts/login/"
FAILURES_ALLOWED = 3
LIMITS = {"SIGN_IN_NETWORK_FAILURES": str(FAILURES_ALLOWED), "SIGN_IN_ACCOUNT_FAILURES": "100"}
OFFICE, HOME = "127.0.0.2", "127.0.0.3"  # all of 127/8 is this machine, so that clients really come from there
RUBBISH = ["rubbish", "1.2.3.4.5", ",,,", "[::1", "::ffff:", "198.51.100.300", "_hidden", "%00", "198.51.100.9:http"]
BEYOND_ASCII = "\xe9, 198.51.100.1"  # which the web server cannot read


@contextlib.contextmanager
def proxy(port: int) -> Iterator[int]:
    """A reverse proxy at 127.0.0.1 that appends its client to X-Forwarded-For, as nginx does. Yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "x-forwarded-for"}
            claimed = self.headers.get("X-Forwarded-For", "")
            headers["X-Forwarded-For"] = ", ".join(part for part in (claimed, self.client_address[0]) if part)
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request(self.command, self.path, body, headers)
            response = line.getresponse()
            content = response.read()
            self.send_response(response.status)
            for name, value in response.headers.items():
                if name.lower() not in ("content-length", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            line.close()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def ask_from(address: str, port: int, method: str, body: bytes | None = None, **headers: str) -> tuple[int, str, str]:
    """Ask for the sign-in page from an address of this machine; return status, cookie and page."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    try:
        line.request(method, SIGN_IN, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = line.getresponse()
        cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]
        return response.status, cookie, response.read().decode()
    finally:
        line.close()


def fail_to_sign_in(port: int, name: str, *, address: str = OFFICE, **headers: str) -> int:
    """Try a wrong password and return the status."""
    _, cookie, page = ask_from(address, port, "GET")
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&login={name}&password=wrong".encode()
    headers |= {"content_type": "application/x-www-form-urlencoded", "cookie": cookie}
    return ask_from(address, port, "POST", form, **headers)[0]


def use_up(port: int, *, address: str = OFFICE, **headers: str) -> None:
    """Fail as often as one network may."""
    for number in range(FAILURES_ALLOWED):
        assert fail_to_sign_in(port, f"nobody-{number}", address=address, **headers) == 200
    assert fail_to_sign_in(port, "nobody", address=address, **headers) == 429


@pytest.mark.parametrize("count", [1, 2])
def test_behind_trusted_proxies_each_client_has_a_limit_of_its_own(
    count: int, tmp_path: Path, transactional_db: None
) -> None:
    with contextlib.ExitStack() as running:
        server = running.enter_context(LiveServer(tmp_path, env=LIMITS | {"TRUSTED_PROXIES": "127.0.0.1"}))
        port = server.port
        for _ in range(count):
            port = running.enter_context(proxy(port))
        use_up(port)
        assert fail_to_sign_in(port, "somebody", address=HOME) == 200
        # Whatever a client claims stands left of what the proxies say, and evades nothing.
        for number, claim in enumerate(["198.51.100.1", "127.0.0.1", "198.51.100.1, 127.0.0.1, 127.0.0.1", *RUBBISH]):
            assert fail_to_sign_in(port, f"other-{number}", x_forwarded_for=claim) == 429, claim
        assert fail_to_sign_in(port, "other", x_forwarded_for=BEYOND_ASCII) == 400


def test_behind_a_proxy_that_nobody_trusts_its_clients_are_one(tmp_path: Path, transactional_db: None) -> None:
    with LiveServer(tmp_path, env=LIMITS) as server, proxy(server.port) as port:
        use_up(port)
        assert fail_to_sign_in(port, "somebody", address=HOME) == 429


def test_without_a_proxy_a_claimed_address_evades_no_limit(tmp_path: Path, transactional_db: None) -> None:
    with LiveServer(tmp_path, env=LIMITS | {"TRUSTED_PROXIES": "10.0.0.0/8"}) as server:
        use_up(server.port, x_forwarded_for="198.51.100.1")
        for claim in ("198.51.100.2", "10.0.0.1", "2001:db8::1"):
            others = {"x_forwarded_for": claim, "forwarded": f"for={claim}", "x_real_ip": claim}
            assert fail_to_sign_in(server.port, "somebody", **others) == 429
        assert fail_to_sign_in(server.port, "somebody", address=HOME) == 200


def test_addresses_with_ports_and_of_ipv6_are_read(tmp_path: Path, transactional_db: None) -> None:
    """The proxy is trusted here by the address of the client itself, which writes what proxies of many kinds write."""
    with LiveServer(tmp_path, env=LIMITS | {"TRUSTED_PROXIES": f"{OFFICE}, 2001:db8:ffff::/48"}) as server:
        port = server.port
        use_up(port, x_forwarded_for="198.51.100.1:4711")
        for same in ("198.51.100.1", "::ffff:198.51.100.1", "[::ffff:198.51.100.1]:80", "1.2.3.4, 198.51.100.1:1"):
            assert fail_to_sign_in(port, "somebody", x_forwarded_for=same) == 429, same
        use_up(port, x_forwarded_for="[2001:db8:1:2::1]:4711")
        for same in ("2001:db8:1:2::1", "2001:DB8:1:2:ffff::9", "198.51.100.9, 2001:db8:1:2::1, 2001:db8:ffff::1"):
            assert fail_to_sign_in(port, "somebody", x_forwarded_for=same) == 429, same
        assert fail_to_sign_in(port, "somebody", x_forwarded_for="2001:db8:1:3::1") == 200
        before = SignInAttempt.objects.count()
        statuses = {fail_to_sign_in(port, f"n{number}", x_forwarded_for=text) for number, text in enumerate(RUBBISH)}
        assert statuses == {200, 429}, "who sends rubbish is the proxy itself, with one limit"
        assert SignInAttempt.objects.count() - before == FAILURES_ALLOWED
        assert fail_to_sign_in(port, "n", x_forwarded_for=BEYOND_ASCII) == 400
        assert fail_to_sign_in(port, "n", address=HOME, x_forwarded_for=BEYOND_ASCII) == 200, "is not read from others"
