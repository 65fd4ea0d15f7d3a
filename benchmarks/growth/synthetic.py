"""Definitions of any number and size, and events for them."""

from random import Random
from typing import Any

from benchmarks.workload.definitions import Document

PROPERTIES = 12

_SCHEMAS: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": "number", "minimum": 0},
    {"type": "integer"},
    {"type": "boolean"},
    {"enum": ["card", "invoice", "voucher", "cash"]},
    {"type": "array", "items": {"type": "string"}, "maxItems": 20},
    {"type": "string", "maxLength": 100},
    {"type": "object", "properties": {"id": {"type": "string"}, "rank": {"type": "integer"}}, "required": ["id"]},
)


def synthetic_definition(name: str, number: int, properties: int = PROPERTIES) -> Document:
    """Return a definition with so many properties of all types, a third of them required; `number` varies which."""
    named = {f"field_{place}": _SCHEMAS[(place + number) % len(_SCHEMAS)] for place in range(properties)}
    required = [name for place, name in enumerate(named) if place % 3 == 0]
    schema = {"type": "object", "properties": named, "required": required}
    return {"name": f"{name} {number}", "call": "track", "schema": schema}


def synthetic_event(document: Document, random: Random, *, broken_share: float) -> dict[str, Any]:
    """Return properties for a definition; so large a share of them has a value of another type."""
    schema = document["schema"]
    found = {
        name: _value(schema["properties"][name], random)
        for name in schema["properties"]
        if name in schema["required"] or random.random() < 0.7
    }
    if random.random() < broken_share:
        found[random.choice(list(schema["properties"]))] = {"broken": random.randrange(1_000)}
    return found


def _value(schema: dict[str, Any], random: Random) -> Any:
    if "enum" in schema:
        return random.choice(schema["enum"])
    match schema["type"]:
        case "string":
            return f"value {random.randrange(1_000_000):x}"
        case "number":
            return round(random.uniform(0, 500), 2)
        case "integer":
            return random.randrange(10_000)
        case "boolean":
            return random.random() < 0.5
        case "array":
            return [f"item {random.randrange(1_000)}" for _ in range(random.randrange(5))]
        case _:
            return {"id": f"id {random.randrange(100_000)}", "rank": random.randrange(100)}
