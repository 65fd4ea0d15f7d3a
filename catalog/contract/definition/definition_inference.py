"""A first definition, inferred from events that already arrive."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs
from msgspec import Struct

from catalog.contract.definition.definition_document import TRAIT_CALLS, Document
from catalog.contract.json.json_type import json_type
from catalog.contract.json.pointers import ANY_INDEX, format_pointer
from catalog.contract.json.text import escape_text
from catalog.contract.name_normalization import clean_name
from catalog.contract.normalized_event import Event

MIN_SAMPLES_FOR_REQUIRED = 5
"""How many samples it takes to call a property required because all of them have it."""

MIN_SAMPLES_FOR_ENUM = 20
"""How many samples it takes to suggest that a text is one of a few values."""

MAX_ENUM_VALUES = 10
"""How many different values a text may have for that."""

MAX_OBJECT_KEYS = 100
"""An object with more different keys than this is taken for one with free keys."""

MAX_DEPTH = 10
"""How deep samples are followed; below, any value is valid."""

MAX_PROPERTIES = 1_000
"""How many properties are inferred in all; past them, any value is valid."""

FORMATS = ("uuid", "date-time", "date", "email", "uri", "ipv4")
"""The formats that are looked for in texts."""

_FORMAT_VALIDATORS = {
    name: jsonschema_rs.Draft202012Validator({"format": name}, offline=True, validate_formats=True) for name in FORMATS
}


class PropertyStatistics(Struct, frozen=True, kw_only=True):
    """What the samples showed of one property.

    `seen` of the `of` samples that could have it did; `type_counts` counts their JSON types. `values` lists the few
    values a text had, where that looks deliberate: a suggestion, which the schema does not enforce.
    """

    path: str
    seen: int
    of: int
    type_counts: dict[str, int]
    format: str = ""
    values: tuple[str, ...] = ()


class InferredDefinition(Struct, frozen=True):
    """A definition document that every sample conforms to, and what it rests on, one entry a property."""

    document: Document
    statistics: tuple[PropertyStatistics, ...]
    sample_count: int


def infer_definition(events: Iterable[Event]) -> InferredDefinition:
    """Return a definition inferred from sample events of one name.

    Types are those that were seen; a property is required where every one of at least five samples has it;
    formats are kept where all texts fit. The name and the call are those of the first event. Events with
    parse errors, or whose properties are not an object, are left out, since nothing could make them conform.
    Raises ValueError where no event is given.
    """
    samples = list(events)
    if not samples:
        raise ValueError("There is nothing to infer from: no events.")
    first = samples[0]
    part = "traits" if first.call in TRAIT_CALLS else "properties"
    observations = _Observations()
    for event in samples:
        value = getattr(event, part)
        value = {} if value is None else value
        if isinstance(value, dict) and not event.parse_errors:
            observations.add(value, 0)
    builder = _SchemaBuilder()
    schema = builder.schema(observations, f"/{part}") if observations.count else {"type": "object", "properties": {}}
    name = clean_name(first.event).strip() if isinstance(first.event, str) else ""
    document: Document = {"name": name or first.call, "call": first.call, "kind": "standard", "schema": schema}
    return InferredDefinition(document, tuple(builder.statistics), observations.count)


class _Observations:
    """What was seen at one place of the samples."""

    __slots__ = ("count", "distinct_values", "formats", "items", "members", "type_counts")

    def __init__(self) -> None:
        self.count = 0
        self.type_counts: Counter[str] = Counter()
        self.members: dict[str, _Observations] = {}
        self.items: _Observations | None = None
        self.formats: set[str] | None = None
        self.distinct_values: set[str] = set()

    def add(self, value: Any, depth: int) -> None:
        """Add one value. What nests deeper than MAX_DEPTH counts by its type alone."""
        self.count += 1
        type_name = json_type(value)
        self.type_counts[type_name] += 1
        if type_name == "string":
            self._add_string(value)
        elif depth >= MAX_DEPTH:
            return
        elif type_name == "object":
            for key, member in value.items():
                if key and escape_text(key) == key and (key in self.members or len(self.members) <= MAX_OBJECT_KEYS):
                    self.members.setdefault(key, _Observations()).add(member, depth + 1)
        elif type_name == "array":
            self.items = self.items or _Observations()
            for item in value:
                self.items.add(item, depth + 1)

    def _add_string(self, value: str) -> None:
        if len(self.distinct_values) <= MAX_ENUM_VALUES:
            self.distinct_values.add(value)
        if self.formats is None:
            self.formats = set(FORMATS)
        self.formats = {name for name in self.formats if _FORMAT_VALIDATORS[name].is_valid(value)}


class _SchemaBuilder:
    """Builds schemas and statistics from what was seen."""

    def __init__(self) -> None:
        self.statistics: list[PropertyStatistics] = []

    def schema(self, observations: _Observations, prefix: str, depth: int = 0) -> dict[str, Any]:
        """Return the schema that every value of a place fits."""
        types = sorted(observations.type_counts)
        if "number" in types and "integer" in types:
            types.remove("integer")
        if not types:
            return {}
        schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        if format_ := _best_format(observations):
            schema["format"] = format_
        if "object" in types:
            schema |= self._object_schema(observations, prefix, depth)
        if "array" in types and observations.items is not None and observations.items.count:
            schema["items"] = self.schema(observations.items, f"{prefix}/{ANY_INDEX}", depth + 1)
        return schema

    def _object_schema(self, observations: _Observations, prefix: str, depth: int) -> dict[str, Any]:
        is_past_limits = depth >= MAX_DEPTH or len(self.statistics) >= MAX_PROPERTIES
        if is_past_limits or (depth and len(observations.members) > MAX_OBJECT_KEYS):
            return {"additionalProperties": True}
        objects = observations.type_counts["object"]
        names = sorted(observations.members)[:MAX_OBJECT_KEYS]
        keywords: dict[str, Any] = {"properties": {}}
        for name in names:
            member = observations.members[name]
            path = format_pointer((name,), prefix=prefix)
            self.statistics.append(_statistics(member, path, objects))
            keywords["properties"][name] = self.schema(member, path, depth + 1)
        required = [name for name in names if observations.members[name].count == objects >= MIN_SAMPLES_FOR_REQUIRED]
        if required:
            keywords["required"] = required
        if len(observations.members) > MAX_OBJECT_KEYS:
            keywords["additionalProperties"] = True
        return keywords


def _best_format(observations: _Observations) -> str:
    matching = observations.formats or set()
    return next((name for name in FORMATS if name in matching), "")


def _statistics(observations: _Observations, path: str, sample_count: int) -> PropertyStatistics:
    return PropertyStatistics(
        path=path,
        seen=observations.count,
        of=sample_count,
        type_counts=dict(sorted(observations.type_counts.items())),
        format=_best_format(observations),
        values=tuple(_enum_values(observations)),
    )


def _enum_values(observations: _Observations) -> Iterator[str]:
    string_count = observations.type_counts["string"]
    looks_like_enum = (
        string_count >= MIN_SAMPLES_FOR_ENUM
        and len(observations.distinct_values) <= MAX_ENUM_VALUES
        and len(observations.distinct_values) * 4 <= string_count
    )
    if looks_like_enum and not _best_format(observations):
        yield from sorted(clean_name(value) for value in observations.distinct_values)
