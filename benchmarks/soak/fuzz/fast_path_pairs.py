"""Pairs of a schema and a payload that both ways read: what the fast path accepts, the ordinary way must accept too.

python -m benchmarks.soak.fuzz.fast_path_pairs SEED --pairs 1000000

writes one line for each 100,000 pairs and one for each wrong one, and ends with 1 where there was any.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec

from benchmarks.soak.fuzz.schema_payloads import random_payload, random_schema
from catalog.contract import (
    CONFORMING,
    Contract,
    Event,
    InvalidDefinition,
    UnparsableBody,
    compile_contract,
    parse_json,
)
from catalog.contract.fast_path.fast_batch import read_batch
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.rules.deprecated_property import DEPRECATED_PROPERTY
from catalog.contract.rules.event_rule import CatalogMatch, EventFacts

PAYLOADS = 20
"""So many payloads are tried with each schema."""

LINE_EVERY = 100_000


class Pair(msgspec.Struct, frozen=True):
    """A schema, the text of the properties of an event, and what came of them.

    `outcome` is `wrong` where the fast path accepts what the ordinary way does not, or reads it otherwise, and else
    `accepted`, `refused` (by the types alone) or `broken` (by both).
    """

    schema: dict[str, Any]
    payload: str
    outcome: str


def pairs(seed: str) -> Iterator[Pair]:
    """Yield pairs without end, the same for the same seed. Schemas that are no definition or not fast are left out."""
    random = Random(seed)
    while True:
        schema = random_schema(random)
        try:
            contract = compile_contract({"name": "A", "call": "track", "schema": schema})
            fast = FastContract(contract)
        except (InvalidDefinition, NotFast):
            continue
        for _ in range(PAYLOADS):
            payload = random_payload(schema, random)
            yield Pair(schema, payload, outcome_of(contract, fast, payload))


def outcome_of(contract: Contract, fast: FastContract, payload: str) -> str:
    """Return the outcome of one pair."""
    sent = f'{{"type":"track","event":"A","properties":{payload}}}'.encode("utf-8", "surrogatepass")
    batch = read_batch(b'{"batch":[' + sent + b"]}", max_events=5)
    accepted = batch.accept(lambda _: fast)[0] if batch is not None else None
    expected = _conforming_event(contract, sent)
    if accepted is None:
        return "broken" if expected is None else "refused"
    # By their text: to Python 1 is 1.0 and true.
    return "accepted" if expected is not None and repr(accepted) == repr(expected) else "wrong"


def _conforming_event(contract: Contract, sent: bytes) -> Event | None:
    """Return the event as the ordinary way reads it; None where it is anything but conforming without a warning."""
    try:
        parsed = parse_json(sent)
    except UnparsableBody:
        return None
    event = Event(call="track", event="A", properties=parsed.value.get("properties"), parse_errors=parsed.parse_errors)
    facts = EventFacts(event, CatalogMatch.DEFINED, "", "", "", deprecated_properties=contract.deprecated_properties)
    is_plain = contract.check(event) is CONFORMING and not DEPRECATED_PROPERTY.violations(facts)
    return event if is_plain else None


def main(arguments: Sequence[str]) -> int:
    """Try pairs, and return 1 where the fast path was wrong about any."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak.fuzz.fast_path_pairs", description="Compare both ways.")
    parser.add_argument("seed", help="what the pairs are made from")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="how many to try")
    options = parser.parse_args(arguments)
    outcomes: Counter[str] = Counter()
    for number, pair in zip(range(1, options.pairs + 1), pairs(options.seed), strict=False):
        outcomes[pair.outcome] += 1
        if pair.outcome == "wrong":
            print(json.dumps({"schema": pair.schema, "payload": pair.payload}), flush=True)
        if number % LINE_EVERY == 0 or number == options.pairs:
            print(f"{number:,} pairs: {dict(sorted(outcomes.items()))}", flush=True)
    return 1 if outcomes["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
