"""Calls a WSGI application for a request that has been read to its end, and collects what it answers."""

import io
import os
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any
from wsgiref.util import FileWrapper

from front.client_address import FORWARDED_FOR, FORWARDED_HEADERS, TrustedProxies
from front.http_messages import FrontResponse

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

JOINED_BY = {"cookie": "; "}
"""What stands between the values of a header that comes more than once, where it is no comma."""


@dataclass(frozen=True, slots=True)
class WsgiRequest:
    """What a WSGI application is told of a request. `peer` and `server` are `address:port`."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    peer: str
    server: str
    http_version: str
    body: IO[bytes]


def split_address(text: str) -> tuple[str, str]:
    """Return address and port of a text such as `192.0.2.1:80` or `[2001:db8::1]:80`."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), port


def build_environ(request: WsgiRequest, proxies: TrustedProxies) -> dict[str, Any]:
    """Return the environ of PEP 3333.

    Headers with an underscore are left out, since they would read as those with a hyphen, and so is what only proxies
    may say where the peer is none that is trusted.
    """
    peer_host, peer_port = split_address(request.peer)
    server_host, server_port = split_address(request.server)
    values: dict[str, str] = {}
    is_proxy = proxies.contain(peer_host)
    for name, value in request.headers:
        if "_" in name or (not is_proxy and name in FORWARDED_HEADERS):
            continue
        values[name] = f"{values[name]}{JOINED_BY.get(name, ', ')}{value}" if name in values else value
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query.encode().decode("latin-1"),
        "REMOTE_ADDR": proxies.client_of(peer_host, values.get(FORWARDED_FOR, "")),
        "REMOTE_PORT": peer_port,
        "SERVER_NAME": server_host,
        "SERVER_PORT": server_port,
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
        "CONTENT_TYPE": values.pop("content-type", ""),
        "CONTENT_LENGTH": values.pop("content-length", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    environ.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in values.items()})
    return environ


def call_wsgi(application: WSGIApplication, environ: dict[str, Any]) -> FrontResponse:
    """Return the whole response of an application; that of a plain file as the file's path.

    Whoever reads slowly then holds neither a thread nor, for a file, its bytes.
    """
    status = 500
    headers: list[tuple[str, str]] = []

    def start_response(line: str, names: list[tuple[str, str]], exc_info: object = None) -> None:
        nonlocal status, headers
        status, headers = int(line[:3]), names

    iterable = application(environ, start_response)
    try:
        sent = tuple((name.lower(), value) for name, value in headers)
        if path := _whole_file(iterable, dict(sent).get("content-length", "")):
            return FrontResponse(status, sent, file=path)
        return FrontResponse(status, sent, b"".join(iterable))
    finally:
        if close := getattr(iterable, "close", None):
            close()


def _whole_file(iterable: Iterable[bytes], length: str) -> str:
    """Return the path of the file that a response consists of; "" where it is none, or only a part of one."""
    if not isinstance(iterable, FileWrapper):
        return ""
    file = getattr(iterable.filelike, "file", iterable.filelike)
    name = getattr(file, "name", None)
    if not isinstance(file, io.BufferedReader) or not isinstance(name, str) or file.tell() != 0:
        return ""
    found = os.fstat(file.fileno())
    return name if stat.S_ISREG(found.st_mode) and str(found.st_size) == length and os.path.isabs(name) else ""
