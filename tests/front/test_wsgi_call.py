"""A request as Django gets it, and a response as it leaves Django."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from front.client_address import TrustedProxies
from front.wsgi_call import WsgiRequest, build_environ, call_wsgi

PROXY = TrustedProxies.parse(["10.0.0.1"])


def environ(
    *headers: tuple[str, str], peer: str = "203.0.113.9:5000", path: str = "/", query: str = ""
) -> dict[str, Any]:
    request = WsgiRequest("GET", path, query, list(headers), peer, "192.0.2.1:8000", "1.1", io.BytesIO())
    return build_environ(request, PROXY)


def test_addresses_and_ports_are_told_apart() -> None:
    told = environ(peer="[2001:db8::5]:77")
    assert (told["REMOTE_ADDR"], told["REMOTE_PORT"]) == ("2001:db8::5", "77")
    assert (told["SERVER_NAME"], told["SERVER_PORT"]) == ("192.0.2.1", "8000")


def test_headers_that_come_twice_are_joined() -> None:
    told = environ(
        ("cookie", "a=1"), ("cookie", "b=2"), ("accept", "x"), ("accept", "y"), ("content-type", "text/plain")
    )
    assert told["HTTP_COOKIE"] == "a=1; b=2"
    assert told["HTTP_ACCEPT"] == "x, y"
    assert told["CONTENT_TYPE"] == "text/plain"


def test_an_underscore_is_not_read_as_a_hyphen() -> None:
    told = environ(("x_forwarded_for", "198.51.100.1"), ("x_request_id", "a"), peer="10.0.0.1:1")
    assert told["REMOTE_ADDR"] == "10.0.0.1"
    assert not any(name.startswith("HTTP_") for name in told)


def test_only_a_trusted_proxy_says_who_came_and_how() -> None:
    claimed = (("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https"), ("forwarded", "for=198.51.100.1"))
    stranger = environ(*claimed)
    assert stranger["REMOTE_ADDR"] == "203.0.113.9"
    assert not any("FORWARDED" in name for name in stranger)
    proxied = environ(*claimed, peer="10.0.0.1:1")
    assert proxied["REMOTE_ADDR"] == "198.51.100.1"
    assert proxied["HTTP_X_FORWARDED_PROTO"] == "https"


def test_texts_beyond_latin_arrive_whole() -> None:
    told = environ(path="/événement/名前", query="q=名")
    assert told["PATH_INFO"].encode("latin-1").decode() == "/événement/名前"
    assert told["QUERY_STRING"].encode("latin-1").decode() == "q=名"


def answering(status: str, headers: list[tuple[str, str]], body: Iterable[bytes]) -> Callable[..., Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, headers)
        return body

    return application


def test_a_response_keeps_every_cookie() -> None:
    headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    response = call_wsgi(answering("201 Created", headers, [b"a", b"b"]), environ())
    assert (response.status, response.body) == (201, b"ab")
    assert response.headers == (("set-cookie", "a=1"), ("set-cookie", "b=2"))


def test_a_whole_file_is_handed_on_by_its_path_and_a_part_of_one_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "style.css"
    path.write_bytes(b"body {}")
    told = environ()
    wrap = told["wsgi.file_wrapper"]
    whole = call_wsgi(answering("200 OK", [("Content-Length", "7")], wrap(path.open("rb"))), told)
    assert (whole.file, whole.body) == (str(path), b"")
    begun = path.open("rb")
    begun.seek(5)
    part = call_wsgi(answering("206 Partial Content", [("Content-Length", "2")], wrap(begun)), told)
    assert (part.file, part.body) == ("", b"{}")
    assert begun.closed
