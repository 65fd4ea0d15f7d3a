"""Requests byte by byte, and the clock beside them."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

BODY = json.dumps({"batch": [{"type": "track", "event": "Order Completed", "userId": "u-1"}]}).encode()
ORIGIN = "https://shop.example"


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response, and how long it took to come: in all, and from the last byte of the request on."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float
    seconds_after_sending: float


def ask(
    port: int, method: str, path: str, body: bytes | None = None, *, timeout: float = 30, **headers: str
) -> RawResponse:
    """Send a request on a connection of its own and return the response."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        sent = time.monotonic()
        response = line.getresponse()
        content = response.read()
        ended = time.monotonic()
        return RawResponse(response.status, response.headers, content, ended - began, ended - sent)
    finally:
        line.close()


def post_events(port: int, key: str, body: bytes = BODY, **headers: str) -> RawResponse:
    """Post a batch as an SDK in a browser does."""
    authorization = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    return ask(port, "POST", "/v1/batch", body, authorization=authorization, origin=ORIGIN, **headers)


def open_with(port: int, data: bytes) -> socket.socket:
    """Open a connection, send these bytes, and leave it open."""
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sendall(data)
    return line


def half_post(path: str, length: int = 100, body: bytes = b"{") -> bytes:
    """Return a request whose body is promised and begun."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {ORIGIN}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + body


@contextmanager
def held_open(port: int, requests: list[bytes]) -> Iterator[list[socket.socket]]:
    """Hold a connection open for each of these beginnings of requests."""
    lines: list[socket.socket] = []
    try:
        for data in requests:
            lines.append(open_with(port, data))
        yield lines
    finally:
        for line in lines:
            line.close()


def read_response(line: socket.socket) -> RawResponse:
    """Return the response that comes on a connection."""
    began = time.monotonic()
    response = http.client.HTTPResponse(line)
    response.begin()
    content = response.read()
    seconds = time.monotonic() - began
    return RawResponse(response.status, response.headers, content, seconds, seconds)
