"""One event, let through the fast path beside the ordinary way."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.soak.fuzz.fast_path_pairs import outcome_of
from catalog.contract import Event, compile_contract
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract


def body_of(*events: str) -> bytes:
    """A batch of events that are JSON text."""
    return f'{{"batch":[{",".join(events)}],"sentAt":"2026-03-14T09:26:54Z"}}'.encode("utf-8", "surrogatepass")


def sent(properties: str = "{}", **members: Any) -> str:
    """An event as an SDK sends it; `properties` is JSON text."""
    around = json.dumps({"type": "track", "event": "A", **members})
    return f'{around[:-1]}, "properties": {properties}}}'


def fast_contract(schema: dict[str, Any], **members: Any) -> FastContract:
    return FastContract(compile_contract({"name": "A", "call": "track", "schema": schema, **members}))


def accepted(contract: FastContract, body: bytes) -> list[Event | None] | None:
    """What the fast path returns of a body; None where it reads none of it."""
    batch = read_batch(body, max_events=100)
    return None if batch is None else batch.accept(lambda _: contract, received_at="2026-03-14T09:26:55+00:00")


def outcome(schema: dict[str, Any], payload: str) -> str:
    """What comes of the properties of an event on both ways: see `Pair.outcome`."""
    contract = compile_contract({"name": "A", "call": "track", "schema": schema})
    return outcome_of(contract, FastContract(contract), payload)


def outcome_of_value(schema: Any, value: str) -> str:
    """The same of one property."""
    return outcome({"type": "object", "properties": {"a": schema}, "required": ["a"]}, f'{{"a": {value}}}')
