"""Hostile bodies, read on both ways: the fast path returns the events that the wire and the contract return, or none.

python -m benchmarks.soak.fuzz.fast_path_bodies SEED --events 1000000
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import benchmarks.ready  # noqa: F401  sets Django up for what follows
from benchmarks.soak.fuzz.hostile_events import damaged_event, hostile_event, is_strict
from catalog.contract import CONFORMING, Event, UnparsableBody, compile_contract
from catalog.contract.fast_path.event_outline import EventOutline
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from tracking.traffic.collect.wires import OversizedBody, parse_event_json
from tracking.traffic.collect.wires.segment_wire import SegmentWire

MAX_EVENTS = 5_000
EVENTS_OF_BODY = 20
DAMAGED_SHARE = 0.02
LINE_EVERY = 1_000
RECEIVED_AT = datetime(2026, 11, 24, 10, 0, 1, tzinfo=UTC)

_DEFINED = {"type": "object", "properties": {"total": {"type": "number"}, "coupon": {"type": "string"}}}
_NAMES = ("Order Completed", "Product Viewed")
_CONTRACTS = {
    True: compile_contract({"name": "A", "call": "track", "schema": _DEFINED}),
    False: compile_contract({"name": "B", "call": "track", "schema": {"type": "object", "additionalProperties": True}}),
}
"""Two names are defined; of any other event all properties are welcome, so that what is around them is tried."""

_FAST_CONTRACTS = {is_defined: FastContract(contract) for is_defined, contract in _CONTRACTS.items()}


def hostile_batches(seed: str) -> Iterator[bytes]:
    """Yield batches without end, the same for the same seed."""
    random = Random(seed)
    while True:
        events = [_event(random) for _ in range(random.randint(1, EVENTS_OF_BODY))]
        around = random.choice((b"", b"", b"", b', "sentAt": "2026-11-24T10:00:00Z", "writeKey": "k"', _around(random)))
        blank = random.choice((b"", b"", b" ", b"\n"))
        yield b'{"batch":' + blank + b"[" + (b"," + blank).join(events) + b"]" + around + b"}"


def _event(random: Random) -> bytes:
    """Return an event; few of them are damaged, since one takes its whole body the other way."""
    if random.random() < DAMAGED_SHARE:
        return damaged_event(random)
    return next(event for event in iter(lambda: hostile_event(random), b"") if is_strict(event))


def _around(random: Random) -> bytes:
    return b', "%b": %b' % (
        random.choice((b"sentAt", b"context", b"type", b"event", b"batch", b"other", b"writeKey")),
        random.choice((b"null", b"1", b'"track"', b"{}", b'{"a": 1}', b"[]", b"NaN", b'"2026"')),
    )


def outcomes_of(body: bytes) -> Counter[str]:
    """Return how many events of a body had which outcome: `accepted`, `other way`, or `wrong`."""
    batch = read_batch(body, max_events=MAX_EVENTS)
    if batch is None:
        return Counter({"other way": 1})
    accepted = batch.accept(_contract_of, received_at=RECEIVED_AT.isoformat())
    expected = _conforming_events(body)
    if len(accepted) != len(expected):
        return Counter({"wrong": 1})
    return Counter(_outcome(found, wanted) for found, wanted in zip(accepted, expected, strict=True))


def _outcome(found: Event | None, wanted: Event | None) -> str:
    if found is None:
        return "other way"
    # By their text: to Python 1 is 1.0 and true.
    return "accepted" if wanted is not None and repr(found) == repr(wanted) else "wrong"


def _contract_of(outline: EventOutline) -> FastContract:
    return _FAST_CONTRACTS[outline.name in _NAMES]


def _conforming_events(body: bytes) -> list[Event | None]:
    """Return the events of a body as the ordinary way reads them, None for each that is not plainly conforming."""
    wire = SegmentWire()
    try:
        envelope = wire.split(body, call="", max_events=MAX_EVENTS)
    except (UnparsableBody, OversizedBody):
        return []
    found: list[Event | None] = []
    for received in envelope.events:
        event = wire.normalise(parse_event_json(received), envelope=envelope, call="", received_at=RECEIVED_AT)
        result = _CONTRACTS[_is_defined(event.event)].check(event)
        found.append(event if result is CONFORMING else None)
    return found


def _is_defined(name: Any) -> bool:
    return isinstance(name, str) and name in _NAMES


def main(arguments: Sequence[str]) -> int:
    """Try bodies, and return 1 where the fast path was wrong about any."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak.fuzz.fast_path_bodies", description="Compare both ways.")
    parser.add_argument("seed", help="what the bodies are made from")
    parser.add_argument("--events", type=int, default=1_000_000, help="how many events to try")
    options = parser.parse_args(arguments)
    total: Counter[str] = Counter()
    for number, body in enumerate(hostile_batches(options.seed), 1):
        outcomes = outcomes_of(body)
        total += outcomes
        if outcomes["wrong"]:
            print(repr(body), flush=True)
        is_over = total.total() >= options.events
        if number % LINE_EVERY == 0 or is_over:
            print(f"{total.total():,} events: {dict(sorted(total.items()))}", flush=True)
        if is_over:
            break
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
