"""What the audit log and the list of sessions say of where people come from, through the real front; and that a
session that is ended stops in every process at once.
"""

from __future__ import annotations

import http.client
import time
from pathlib import Path

import pytest

from accounts.models import AuditEntry, AuditKind, Session, User
from accounts.services import end_session, issue_token
from tests.factories.accounts import PASSWORD, UserFactory
from tests.front.test_sign_in_limits import HOME, OFFICE, ask_from, fail_to_sign_in, proxy
from tests.live_processes import LiveServer, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]


def sign_in(port: int, *, address: str = OFFICE, **headers: str) -> str:
    """Sign in and return the cookie of the session."""
    _, cookie, page = ask_from(address, port, "GET")
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&login=lin&password={PASSWORD}".replace(" ", "+").encode()
    headers |= {"content_type": "application/x-www-form-urlencoded", "cookie": cookie}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    line.request("POST", "/accounts/login/", form, {name.replace("_", "-"): text for name, text in headers.items()})
    response = line.getresponse()
    response.read()
    assert response.status == 302
    cookies = response.headers.get_all("Set-Cookie") or []
    line.close()
    return next(each.partition(";")[0] for each in cookies if each.startswith("sessionid="))


def status_of(port: int, cookie: str, path: str = "/settings/profile/", **headers: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers={"cookie": cookie, **headers})
    status = line.getresponse().status
    line.close()
    return status


def test_behind_a_trusted_proxy_it_is_the_client_s_network_that_is_told(tmp_path: Path, transactional_db: None) -> None:
    lin = UserFactory.create(username="lin")
    _, plain = issue_token(user=lin, name="CI", scopes=["read"], by=lin)
    with LiveServer(tmp_path, env={"TRUSTED_PROXIES": "127.0.0.1"}) as server, proxy(server.port) as port:
        assert fail_to_sign_in(port, "lin", address=HOME) == 200
        sign_in(port, x_forwarded_for="198.51.100.1")  # a client's own claim
        assert Session.objects.get(user=lin).network == OFFICE
        entries = AuditEntry.objects.filter(person=lin).exclude(kind=AuditKind.TOKEN_ISSUED).order_by("pk")
        assert [(entry.kind, entry.network) for entry in entries] == [("sign_in_failed", HOME), ("sign_in", OFFICE)]
        status = status_of(server.port, "", "/api/v1/events/?q=private", authorization=f"Bearer {plain}")
        assert status == 200
        (used,) = AuditEntry.objects.filter(kind=AuditKind.TOKEN_NETWORK)
        assert (used.network, used.path) == ("127.0.0.1", "/api/v1/events/")


def test_a_session_that_is_ended_stops_in_every_process_at_once(tmp_path: Path, transactional_db: None) -> None:
    lin = UserFactory.create(username="lin")
    with LiveServer(tmp_path, env={"WEB_PROCESSES": "2"}) as server:
        cookie = sign_in(server.port)
        for _each in range(20):  # both processes have seen it
            assert status_of(server.port, cookie) == 200
        end_session(Session.objects.get(user=lin), by=lin)
        began = time.monotonic()
        assert {status_of(server.port, cookie) for _each in range(20)} == {302}
        assert time.monotonic() - began < 30
        again = sign_in(server.port)
        User.objects.filter(pk=lin.pk).update(is_active=False)
        wait_for(lambda: status_of(server.port, again) == 302, seconds=5, what="the end of a deactivated person's")
