"""Traffic of several sources as whole HTTP requests, and what must have been counted once they were checked."""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

import msgspec

from benchmarks.workload.definitions import Document
from benchmarks.workload.sdk_events import Sdk, sdks
from benchmarks.workload.shapes import Properties, Shapes, make_shapes
from catalog.contract import Contract, Event, NullHandling, compile_contract

EVENTS_A_REQUEST = 50
REQUESTS = 2_000
"""How many different requests there are; past them the first comes again, with ids and times of its own."""

NEWER_FROM = "2.5.0"
"""From this app version on, every third event is bound to its second version."""

DELIVERED_IN = "2.6.0"
"""The app version of the open deliveries."""

ADDED = "placement"
"""The optional property that a second version adds."""

APP_VERSIONS = ("2.2.0", "2.3.0", "2.3.1", "2.4.0", "2.4.7", NEWER_FROM, "2.5.1", DELIVERED_IN)


@dataclass(frozen=True, slots=True)
class Sender:
    """A source that sends: by which SDK, and what a null means there (empty: as the company says)."""

    slug: str
    sdk: str
    nulls: str = ""
    share: int = 1  # of the requests


SENDERS = (
    Sender("web-shop", "browser", share=3),
    Sender("web-help", "browser", nulls="warning", share=2),
    Sender("shop-server", "node", share=2),
    Sender("billing", "python", nulls="absent"),
    Sender("search", "rudder"),
    Sender("partners", "node", nulls="warning"),
)


class CountKey(NamedTuple):
    """What events are counted by; a part of what rollups have."""

    source: str
    name: str
    app_version: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests to send in turn, and what each of them is counted as."""

    requests: list[bytes]
    counts: list[Counter[CountKey]]

    def expected(self, requests: int) -> Counter[CountKey]:
        """Return what must be counted once so many requests were sent, beginning with the first."""
        total: Counter[CountKey] = Counter()
        passes, rest = divmod(requests, len(self.requests))
        for place, counts in enumerate(self.counts):
            times = passes + (place < rest)
            for key, count in counts.items() if times else ():
                total[key] += count * times
        return total

    def expected_repeats(self, requests: int, twice_every: int) -> int:
        """Return how many events of so many requests are sent a second time."""
        return requests // twice_every * EVENTS_A_REQUEST if twice_every else 0

    @property
    def bytes_an_event(self) -> float:
        return sum(map(len, self.requests)) / len(self.requests) / EVENTS_A_REQUEST


def sends(place: int, sender: Sender) -> bool:
    """Tell whether a sender sends the event at a place among the definitions: two or three of the six do."""
    number = SENDERS.index(sender)
    return (place + number) % len(SENDERS) < 3 if place % 2 else (place + number) % len(SENDERS) < 2


def has_second_version(place: int) -> bool:
    """Tell whether the event at a place has a second version, for newer apps."""
    return place % 3 == 0


def second_version(document: Document) -> Document:
    """Return the document with one more optional property."""
    schema = document["schema"]
    properties = schema["properties"] | {ADDED: {"type": "string"}}
    return document | {"schema": schema | {"properties": properties}}


def second_version_from(app_version: str) -> bool:
    """Tell whether an app version is one of the newer ones."""
    return APP_VERSIONS.index(app_version) >= APP_VERSIONS.index(NEWER_FROM)


def make_traffic(
    definitions: Sequence[Document], keys: Mapping[str, str], *, requests: int = REQUESTS, seed: int = 1
) -> Traffic:
    """Return the traffic of all senders, whose write keys are given,."""
    return _TrafficMaker(definitions, keys, Random(seed)).make(requests)


@dataclass(slots=True)
class _Stream:
    """What one sender sends from."""

    sender: Sender
    sdk: Sdk
    contexts: dict[str, list[dict[str, Any]]]
    places: list[int]


@dataclass(slots=True)
class _TrafficMaker:
    definitions: Sequence[Document]
    keys: Mapping[str, str]
    random: Random
    _contracts: dict[tuple[int, bool, str], Contract] = field(default_factory=dict)
    _verdicts: dict[tuple[int, bool, str, int], str] = field(default_factory=dict)

    def make(self, count: int) -> Traffic:
        shapes = [make_shapes(document, self.random) for document in self.definitions]
        known = sdks()
        streams = []
        for sender in SENDERS:
            sdk = known[sender.sdk]
            contexts = {version: sdk.contexts(version, self.random) for version in APP_VERSIONS}
            places = [place for place in range(len(self.definitions)) if sends(place, sender)]
            streams += [_Stream(sender, sdk, contexts, places)] * sender.share
        requests, counts = [], []
        for number in range(count):
            request, counted = self._request(streams[number % len(streams)], shapes, number)
            requests.append(request)
            counts.append(counted)
        return Traffic(requests, counts)

    def _request(self, stream: _Stream, shapes: Sequence[Shapes], number: int) -> tuple[bytes, Counter[CountKey]]:
        app_version = self.random.choice(APP_VERSIONS)
        context = self.random.choice(stream.contexts[app_version])
        events, counts = [], Counter[CountKey]()
        for place_in_body in range(EVENTS_A_REQUEST):
            place = self.random.choice(stream.places)
            name = self.definitions[place]["name"]
            properties = shapes[place].choose(self.random)
            verdict = self._verdict(place, app_version, stream.sender.nulls, properties)
            counts[CountKey(stream.sender.slug, name, app_version, verdict)] += 1
            event_number = number * EVENTS_A_REQUEST + place_in_body
            events.append(stream.sdk.make_event(name, properties, context, event_number, self.random))
        body = msgspec.json.encode(stream.sdk.make_body(events, self.keys[stream.sender.slug]))
        return http_request(self.keys[stream.sender.slug], body), counts

    def _verdict(self, place: int, app_version: str, nulls: str, properties: Properties) -> str:
        is_second = has_second_version(place) and second_version_from(app_version)
        key = (place, is_second, nulls, id(properties))  # the shapes live as long as we do
        if key not in self._verdicts:
            event = Event(call="track", event=self.definitions[place]["name"], properties=properties)
            self._verdicts[key] = self._contract(place, is_second, nulls).check(event).verdict.value
        return self._verdicts[key]

    def _contract(self, place: int, is_second: bool, nulls: str) -> Contract:
        key = (place, is_second, nulls)
        if key not in self._contracts:
            document = self.definitions[place]
            document = second_version(document) if is_second else document
            self._contracts[key] = compile_contract(document, nulls=NullHandling(nulls or "error"))
        return self._contracts[key]


def http_request(key: str, body: bytes, path: str = "/v1/batch") -> bytes:
    """Return a whole request as an SDK sends it."""
    credentials = base64.b64encode(f"{key}:".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {credentials}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
