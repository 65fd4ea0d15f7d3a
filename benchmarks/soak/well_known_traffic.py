"""Events whose exact number is known: sent as SDKs send them, each body again until it is acknowledged."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from benchmarks.soak.background_work import BackgroundWork
from benchmarks.soak.clients import COLLECTOR, Clients
from benchmarks.soak.escapes import Escape
from tests.factories.traffic import basic_auth_header, track_call

SENDERS = 3
PAUSE_SECONDS = (0.02, 0.25)
RETRY_SECONDS = 0.4
MAX_EVENTS = 30

DEFINED = ("Order Completed", "Product Viewed", "Cart Opened")
"""Names that are defined by `tests.factories.catalog.definition`: `total` is a number and required."""

UNDEFINED = ("Never Defined", "Nor This One")


class Cell(NamedTuple):
    """What events are counted by."""

    call: str
    name: str
    verdict: str


@dataclass(slots=True)
class Ledger:
    """How many events were acknowledged, by what their counts must say, and how often bodies were sent in vain."""

    acknowledged: Counter[Cell] = field(default_factory=Counter)
    message_ids: list[str] = field(default_factory=list)
    retries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        return self.acknowledged.total()

    def add(self, known: KnownBody, retries: int) -> None:
        with self._lock:
            self.acknowledged += known.cells
            self.message_ids += known.message_ids
            self.retries += retries


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A request of an SDK, and the events in it."""

    path: str
    body: bytes
    headers: dict[str, str]
    cells: Counter[Cell]
    message_ids: tuple[str, ...]


def known_body(random: Random, key: str, identity: str) -> KnownBody:
    """Return a body of some events; their ids begin with `identity`, which nobody else uses."""
    sent_at = datetime.now(UTC).isoformat()
    is_single = random.random() < 0.2
    events, cells = [], Counter[Cell]()
    for number in range(1 if is_single else random.randint(1, MAX_EVENTS)):
        event, cell = _known_event(random, f"{identity}-{number}", sent_at)
        events.append(event)
        cells[cell] += 1
    prefix = random.choice(("", "in/"))
    if is_single:
        path, content = f"/{prefix}v1/{events[0]['type']}", events[0] | {"sentAt": sent_at}
    else:
        path = f"/{prefix}v1/{random.choice(('batch', 'b'))}"
        content = {"batch": events, "sentAt": sent_at}
    if random.random() < 0.3:  # as a browser on its way out
        headers, content = {"content_type": "text/plain"}, content | {"writeKey": key}
    else:
        headers = {"content_type": "application/json", "authorization": basic_auth_header(key)}
    body = json.dumps(content).encode()
    if random.random() < 0.3:
        body, headers = gzip.compress(body), headers | {"content_encoding": "gzip"}
    return KnownBody(path, body, headers, cells, tuple(event["messageId"] for event in events))


def _known_event(random: Random, message_id: str, at: str) -> tuple[dict[str, Any], Cell]:
    common = {
        "messageId": message_id,
        "timestamp": at,
        "userId": f"u-{random.randint(1, 500)}",
        "context": {"app": {"version": random.choice(("2.4.1", "2.5.0"))}},
    }
    kind = random.random()
    if kind < 0.6:
        name = random.choice(DEFINED)
        return track_call(name, properties={"total": random.randint(0, 999)}, **common), Cell(
            "track", name, "conforming"
        )
    if kind < 0.75:
        name = random.choice(DEFINED)
        return track_call(name, properties={"total": "much"}, **common), Cell("track", name, "nonconforming")
    name = random.choice(UNDEFINED)
    if kind < 0.9:
        return track_call(name, **common), Cell("track", name, "undocumented")
    page = {"type": "page", "name": name, "properties": {"path": "/"}} | common
    return page, Cell("page", "page", "undocumented")  # nobody defined a page of this name, so it counts as a page


@dataclass(slots=True)
class WellKnownTraffic(BackgroundWork):
    """The senders. Told to stop, each goes on until the body that it has begun is acknowledged."""

    clients: Clients
    key: str
    seed: str
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def thread_count(self) -> int:
        return SENDERS

    def _work(self, number: int) -> None:
        seed = f"{self.seed}/sender-{number}"
        random, sent = Random(seed), 0
        while not self._should_stop.is_set():
            sent += 1
            known = known_body(random, self.key, f"{seed}-{sent}")
            self.ledger.add(known, self._send_until_acknowledged(known, seed))
            self._should_stop.wait(random.uniform(*PAUSE_SECONDS))

    def _send_until_acknowledged(self, known: KnownBody, seed: str) -> int:
        """Return how often it was sent in vain."""
        retries = 0
        while True:
            answer = self.clients.ask(COLLECTOR, "POST", known.path, known.body, known.headers, seed=seed)
            if answer is not None and answer.status == 200:
                return retries
            if answer is not None and answer.status < 500:
                shown = base64.b64encode(known.body).decode()
                detail = f"a well-known body was answered {answer.status} {answer.body[:200]!r}"
                self.clients.escapes.add(Escape("refused", detail, seed, shown))
            retries += 1
            threading.Event().wait(RETRY_SECONDS)
