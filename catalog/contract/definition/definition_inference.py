"""A first definition, drawn from events that already arrive."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs
from msgspec import Struct

from catalog.contract.definition.definition_document import TRAIT_CALLS, Document
from catalog.contract.json.pointers import INDEX, pointer
from catalog.contract.json.text import escape_text
from catalog.contract.name_normalization import clean
from catalog.contract.normalized_event import Event

ENOUGH = 5
"""How many samples it takes to call a property required because all of them have it."""

ENOUGH_FOR_VALUES = 20
"""How many samples it takes to suggest that a text is one of a few values."""

MAX_VALUES = 10
"""How many different values a text may have for that."""

MAX_KEYS = 100
"""An object with more different keys than this is taken for one with free keys."""

MAX_DEPTH = 10
"""How deep samples are followed; below, any value goes."""

MAX_PROPERTIES = 1_000
"""How many properties are drawn up in all; past them, any value goes."""

FORMATS = ("uuid", "date-time", "date", "email", "uri", "ipv4")
"""The formats that are looked for in texts."""

_JUDGES = {
    name: jsonschema_rs.Draft202012Validator({"format": name}, offline=True, validate_formats=True) for name in FORMATS
}


class PropertyEvidence(Struct, frozen=True, kw_only=True):
    """What the samples showed of one property.

    `seen` of the `of` samples that could have it did; `types` counts their JSON types. `values` lists the few
    values a text had, where that looks deliberate: a suggestion, which the schema does not enforce.
    """

    path: str
    seen: int
    of: int
    types: dict[str, int]
    format: str = ""
    values: tuple[str, ...] = ()


class Inference(Struct, frozen=True):
    """A definition document that every sample conforms to, and what it rests on, one entry a property."""

    document: Document
    evidence: tuple[PropertyEvidence, ...]
    samples: int


def infer(events: Iterable[Event]) -> Inference:
    """Return a definition drawn from sample events of one name.

    Types are those that were seen; a property is required where every one of at least five samples has it;
    formats are kept where all texts fit. The name and the call are those of the first event. Events with
    faults, or whose properties are not an object, are left out, since nothing could make them conform.
    Raises ValueError where no event is given.
    """
    given = list(events)
    if not given:
        raise ValueError("There is nothing to infer from: no events.")
    first = given[0]
    part = "traits" if first.call in TRAIT_CALLS else "properties"
    node = _Node()
    for event in given:
        value = getattr(event, part)
        value = {} if value is None else value
        if isinstance(value, dict) and not event.faults:
            node.add(value, 0)
    draft = _Draft()
    schema = draft.schema(node, f"/{part}") if node.seen else {"type": "object", "properties": {}}
    name = clean(first.event).strip() if isinstance(first.event, str) else ""
    document: Document = {"name": name or first.call, "call": first.call, "kind": "standard", "schema": schema}
    return Inference(document, tuple(draft.evidence), node.seen)


class _Node:
    """What was seen at one place of the samples."""

    __slots__ = ("distinct", "formats", "items", "members", "seen", "types")

    def __init__(self) -> None:
        self.seen = 0
        self.types: Counter[str] = Counter()
        self.members: dict[str, _Node] = {}
        self.items: _Node | None = None
        self.formats: set[str] | None = None
        self.distinct: set[str] = set()

    def add(self, value: Any, depth: int) -> None:
        """Take one value in. What lies deeper than is followed counts by its type alone."""
        self.seen += 1
        kind = _kind_of(value)
        self.types[kind] += 1
        if kind == "string":
            self._add_text(value)
        elif depth >= MAX_DEPTH:
            return
        elif kind == "object":
            for key, member in value.items():
                if key and escape_text(key) == key and (key in self.members or len(self.members) <= MAX_KEYS):
                    self.members.setdefault(key, _Node()).add(member, depth + 1)
        elif kind == "array":
            self.items = self.items or _Node()
            for item in value:
                self.items.add(item, depth + 1)

    def _add_text(self, value: str) -> None:
        if len(self.distinct) <= MAX_VALUES:
            self.distinct.add(value)
        if self.formats is None:
            self.formats = set(FORMATS)
        self.formats = {name for name in self.formats if _JUDGES[name].is_valid(value)}


def _kind_of(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"  # the judge reads NaN so
    if isinstance(value, bool):
        return "boolean"
    kinds = {str: "string", int: "integer", float: "number", list: "array", tuple: "array", dict: "object"}
    return next((kind for known, kind in kinds.items() if isinstance(value, known)), "string")


class _Draft:
    """Schemas and evidence, drawn up from what was seen."""

    def __init__(self) -> None:
        self.evidence: list[PropertyEvidence] = []

    def schema(self, node: _Node, at: str, depth: int = 0) -> dict[str, Any]:
        """Return the schema that every value of a place fits."""
        types = sorted(node.types)
        if "number" in types and "integer" in types:
            types.remove("integer")
        if not types:
            return {}
        schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        if format_ := _format_of(node):
            schema["format"] = format_
        if "object" in types:
            schema |= self._object(node, at, depth)
        if "array" in types and node.items is not None and node.items.seen:
            schema["items"] = self.schema(node.items, f"{at}/{INDEX}", depth + 1)
        return schema

    def _object(self, node: _Node, at: str, depth: int) -> dict[str, Any]:
        is_too_much = depth >= MAX_DEPTH or len(self.evidence) >= MAX_PROPERTIES
        if is_too_much or (depth and len(node.members) > MAX_KEYS):
            return {"additionalProperties": True}
        objects = node.types["object"]
        names = sorted(node.members)[:MAX_KEYS]
        found: dict[str, Any] = {"properties": {}}
        for name in names:
            member = node.members[name]
            path = pointer((name,), below=at)
            self.evidence.append(_evidence(member, path, objects))
            found["properties"][name] = self.schema(member, path, depth + 1)
        required = [name for name in names if node.members[name].seen == objects >= ENOUGH]
        if required:
            found["required"] = required
        if len(node.members) > MAX_KEYS:
            found["additionalProperties"] = True
        return found


def _format_of(node: _Node) -> str:
    fitting = node.formats or set()
    return next((name for name in FORMATS if name in fitting), "")


def _evidence(node: _Node, path: str, of: int) -> PropertyEvidence:
    return PropertyEvidence(
        path=path,
        seen=node.seen,
        of=of,
        types=dict(sorted(node.types.items())),
        format=_format_of(node),
        values=tuple(_values(node)),
    )


def _values(node: _Node) -> Iterator[str]:
    texts = node.types["string"]
    is_few = texts >= ENOUGH_FOR_VALUES and len(node.distinct) <= MAX_VALUES and len(node.distinct) * 4 <= texts
    if is_few and not _format_of(node):
        yield from sorted(clean(value) for value in node.distinct)
