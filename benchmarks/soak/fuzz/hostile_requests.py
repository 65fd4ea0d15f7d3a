"""Hostile requests to every address: to the collector, to pages and the API, and bytes that are no HTTP at all."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from random import Random

from benchmarks.soak.clients import COLLECTOR_SECONDS, PAGE_SECONDS
from benchmarks.soak.fuzz.hostile_events import damaged_event, hostile_event
from tests.factories.traffic import basic_auth_header
from tests.hostile.every_address import METHODS, Address, addresses, escape
from tests.hostile.hostile_values import ALL, CONTENT_TYPES, JSON_BODIES
from tracking.traffic.collect.wires import ROUTES

MEGABYTE = 2**20
HEAVY_SHARE = 0.02
AUTHORIZATIONS = ("", "Basic", "Basic !", "Basic AAAA", "Bearer x", "Basic " + "x" * 5_000, "Basic /////w==")


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """One request, and how many seconds its answer may take. Headers as `tests.front.raw_http.ask` takes them."""

    kind: str
    method: str
    path: str
    body: bytes | None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = PAGE_SECONDS


@cache
def _addresses() -> tuple[Address, ...]:
    return tuple(addresses())


def _packed(body: bytes, level: int = 6) -> bytes:
    """Return a body packed with gzip, without the time at which it was: the same seed makes the same bytes."""
    return gzip.compress(body, level, mtime=0)


@cache
def heavy_bodies() -> tuple[Callable[[], bytes], ...]:
    """Return what makes the bodies that are small and take much: bombs, nests, millions of values."""
    return (
        lambda: _packed(b"[" * 64 * MEGABYTE, 6),
        lambda: _packed(b'{"batch": [' + b" " * 15 * MEGABYTE + b"]}", 6),
        lambda: _packed(_packed(b"0" * 200 * MEGABYTE, 1)),
        lambda: b'{"batch": [' + b"1," * 1_900_000 + b"1]}",
        lambda: b'{"batch": [' + b"{}," * 4_900 + b"{}]}",
        lambda: _packed(b'{"batch": [{"type": "track", "properties": ' + b'{"a":[' * 900_000, 1),
        lambda: b'{"type": "track", "event": "x", "properties": {' + b'"a":1,' * 500_000 + b'"a":1}}',
        lambda: b'{"batch": [' + b'{"type":"track","event":"\\ud800"},' * 4_000 + b"NaN]}",
        lambda: b'{"batch": [{"type": "track", "event": "' + b"\\u0000" * 600_000 + b'"}]}',
        lambda: b"\x1f\x8b" + b"\0" * 1_000,
    )


def hostile_request(random: Random, key: str, token: str) -> HostileRequest:
    """Return the next request: half of them to the collector with a write key, the others anywhere."""
    if random.random() < 0.5:
        return _to_collector(random, key)
    return _to_any_address(random, token)


def _to_collector(random: Random, key: str) -> HostileRequest:
    if random.random() < HEAVY_SHARE:
        body = random.choice(heavy_bodies())()
    else:
        events = [hostile_event(random) for _ in range(random.choice((1, 2, 10)))]
        if random.random() < 0.3:
            events[0] = damaged_event(random)
        body = random.choice((b'{"batch": [' + b",".join(events) + b"]}", events[0]))
        if random.random() < 0.1:
            body = random.choice((random.randbytes(random.randint(0, 5_000)), random.choice(JSON_BODIES)))
        if random.random() < 0.2:
            body = _packed(body)
            body = body[: random.randint(0, len(body))] if random.random() < 0.2 else body
    path = random.choice(list(ROUTES))
    headers = {"authorization": basic_auth_header(key)}
    if random.random() < 0.1:
        headers["authorization"] = random.choice(AUTHORIZATIONS)
    if random.random() < 0.3:
        headers["content_type"] = random.choice(CONTENT_TYPES)
    if random.random() < 0.1:
        headers["content_encoding"] = random.choice(("br", "deflate", "gzip, gzip", "\xff", "zstd"))
    return HostileRequest("collector", "POST", f"/{path}", body, headers, COLLECTOR_SECONDS)


def _to_any_address(random: Random, token: str) -> HostileRequest:
    address = random.choice(_addresses())
    values = {name: escape(random.choice(ALL)) if random.random() < 0.5 else "1" for name in address.arguments}
    path = address.template.format(**values)
    if random.random() < 0.5:
        path += f"?{random.choice(('q', 'page', 'sort', 'id', 'next', 'cursor'))}={escape(random.choice(ALL))}"
    # With rights nothing is changed: what was killed is to be counted, and not what a stranger has deleted.
    if random.random() < 0.3:
        return HostileRequest("pages", "GET", path, None, {"authorization": f"Bearer {token}"})
    body = random.choice((None, random.randbytes(200), random.choice(JSON_BODIES)))
    headers = {"content_type": random.choice((*CONTENT_TYPES, "application/json"))} if body else {}
    return HostileRequest("pages", random.choice((*METHODS, "options", "head")).upper(), path, body, headers)
