"""The work that every checker gets: 300 real definitions and 200,000 events in batches of 50, the same each time."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from catalog.contract import Event, compile_contract, part_schemas
from catalog.contract.examples.value_generation import generate_values
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload

DEFINITIONS = 300
EVENTS = 200_000
BATCH = 50
BROKEN = 20
"""One event in so many breaks a rule."""

_DATA = Path(__file__).parents[1] / "tests" / "data"
_PLACES = (("segment", "segment-spec-tracking-plan"), ("wikimedia", "wikimedia"), ("iglu", "iglu-central"))
_SHAPES = 8  # how many different events there are of each definition


@dataclass(frozen=True, slots=True)
class Work:
    """Definitions, each with a name of its own, and bodies as an SDK would send them."""

    definitions: tuple[dict[str, Any], ...]
    bodies: tuple[bytes, ...]

    @property
    def events(self) -> int:
        """How many events the bodies hold."""
        return len(self.bodies) * BATCH

    def schemas(self) -> dict[str, dict[str, Any]]:
        """Return the schema of the properties by the event's name, without what names its draft."""
        return {
            each["name"]: {
                keyword: value for keyword, value in each["schema"].items() if keyword not in ("$id", "$schema")
            }
            for each in self.definitions
        }


def work() -> Work:
    """Return the work, made from the real definitions in the test data."""
    definitions = _definitions()
    random = Random(1)
    shapes = {each["name"]: _shapes(each, random) for each in definitions}
    names = [each["name"] for each in definitions]
    bodies = []
    for batch in range(EVENTS // BATCH):
        numbers = range(batch * BATCH, (batch + 1) * BATCH)
        events = [
            _envelope(name, random.choice(shapes[name]), number)
            for number in numbers
            for name in [random.choice(names)]
        ]
        bodies.append(msgspec.json.encode({"batch": events, "sentAt": "2026-03-14T09:26:54Z"}))
    return Work(definitions, tuple(bodies))


def _definitions() -> tuple[dict[str, Any], ...]:
    found: list[dict[str, Any]] = []
    for format_, place in _PLACES:
        for entry in IMPORTERS[format_].read(Upload.from_path(_DATA / place)):
            document = entry.document
            if document is None or document.get("call", "track") != "track" or not document["schema"].get("properties"):
                continue
            found.append(
                {"name": f"{entry.name} {entry.origin_version}".strip(), "call": "track", "schema": document["schema"]}
            )
    distinct = {document["name"]: document for document in found}
    chosen = list(distinct.values())[:: max(len(distinct) // DEFINITIONS, 1)][:DEFINITIONS]
    return tuple(chosen)


def _shapes(document: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    """Return the events of one definition to choose from; one in twenty of them is broken."""
    contract = compile_contract(document)
    schema = part_schemas(document)["properties"]
    fitting = [
        value
        for value in generate_values(schema, schema)[: _SHAPES * 4]
        if contract.is_valid_strictly(Event(call="track", properties=value))
    ][:_SHAPES]
    broken = [value | {next(iter(schema["properties"])): {"broken": random.random()}} for value in fitting[:1]]
    return fitting * (BROKEN - 1) + broken * max(len(fitting), 1) if fitting else [{}]


def _envelope(name: str, properties: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": name,
        "messageId": f"ajs-{number:012d}",
        "userId": f"user-{number % 5_000}",
        "timestamp": "2026-03-14T09:26:53.589Z",
        "properties": properties,
        "context": {"app": {"version": "2.5.0"}, "library": {"name": "analytics.js", "version": "4.1.0"}},
    }
