"""Strategies for definition documents: every keyword, members that nobody knows, numbers of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

LARGE_NUMBERS = st.sampled_from(
    [
        2**53,
        2**53 + 1,
        2**63 - 1,
        2**63,
        2**64,
        2**64 + 1,
        2**70,
        float(2**70),
        10**300,
        2**1024 - 1,
        1e16,
        1e308,
        5e-324,
    ]
)
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 0.5, 0.01, -0.0, 27.5]) | LARGE_NUMBERS
POSITIVE = st.sampled_from([1, 2, 3.0, 0.5, 0.01, 2**63, 10**300, 1e308, 5e-324])
COUNTS = st.sampled_from([0, 1, 2, 3.0, 10_000, 10_001, 20_000, 2**31, 2**63, 2**64, 2**70, 1e16])
SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "EUR", "é", "2026-03-14"])
VALUES = SCALARS | st.sampled_from([[0, 1], [False, True], [[]], {"a": 1}, {"a": True}, {"b": [1.0]}, {}])
NAMES = st.sampled_from(["a", "b", "a/b", "0", "?", "*"])
TYPES = ("string", "number", "integer", "boolean", "null", "array", "object")
REFERENCES = st.sampled_from(["#/$defs/a", "#/$defs/b"])
PATTERNS = st.sampled_from(["^a+$", "[0-9]{2,4}", "^(EUR|USD)$", "", "\\p{L}"])


def _names_with(inner: Any) -> Any:
    return st.dictionaries(NAMES, inner, max_size=2)


def _some(inner: Any) -> Any:
    return st.lists(inner, min_size=1, max_size=2)


KEYWORDS: dict[str, Callable[[Any], Any]] = {
    "type": lambda _: st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
    "enum": lambda _: st.lists(VALUES, min_size=1, max_size=3),
    "const": lambda _: VALUES,
    "pattern": lambda _: PATTERNS,
    "format": lambda _: st.sampled_from(["date", "uuid", "email", "no-format"]),
    "uniqueItems": lambda _: st.booleans(),
    "multipleOf": lambda _: POSITIVE,
    "required": lambda _: st.lists(NAMES, max_size=2, unique=True),
    "dependentRequired": lambda _: _names_with(st.lists(NAMES, max_size=2, unique=True)),
    "patternProperties": lambda inner: st.dictionaries(PATTERNS, inner, max_size=2),
    "$ref": lambda _: st.sampled_from(["#/$defs/a", "#/$defs/b"]),
    "default": lambda _: VALUES,
    "examples": lambda _: st.lists(VALUES, max_size=2),
    "description": lambda _: st.sampled_from(["", "A thing."]),
    "x-unit": lambda _: VALUES,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), lambda _: NUMBERS),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), lambda _: COUNTS),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), lambda _: COUNTS),
    **dict.fromkeys(("properties", "dependentSchemas"), _names_with),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _some),
    **dict.fromkeys(
        (
            "additionalProperties",
            "contains",
            "else",
            "if",
            "items",
            "not",
            "propertyNames",
            "then",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        lambda inner: inner,
    ),
}
"""Every keyword, with the strategy of its value; it is handed the strategy of the schemas inside."""


@st.composite
def schemas(draw: st.DrawFn, *, depth: int = 1, only_objects: bool = False) -> Any:
    """Schemas of a few keywords each, which may stand anywhere inside the schema of a part."""
    if not only_objects and draw(st.integers(0, 9)) == 0:
        return draw(st.booleans())
    inner = schemas(depth=depth - 1) if depth else st.booleans()
    chosen = draw(st.lists(st.sampled_from(list(KEYWORDS)), max_size=3, unique=True))
    return {keyword: draw(KEYWORDS[keyword](inner)) for keyword in chosen}


CATALOG_MEMBERS: dict[str, Any] = {
    "call": st.sampled_from(["track", "page", "identify"]),
    "kind": st.sampled_from(["standard", "template"]),
    "unit": st.sampled_from(["EUR", None]),
    "description": st.sampled_from(["", "Words.", None]),
    "context": schemas(only_objects=True).map(lambda found: found | {"type": "object", "$defs": {"a": {}, "b": {}}}),
    "per_source": st.sampled_from([{}, {"ios": {"required": ["a"]}}, {"ios": {"absent": ["a"]}, "web": {}}]),
    "category": VALUES,
    "x-owner": VALUES,
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Definition documents, most of them without problems."""
    schema = draw(schemas(only_objects=True))
    schema["type"] = "object"
    schema["properties"] = {"a": draw(schemas())} | schema.get("properties", {})
    schema["$defs"] = {"a": draw(schemas(depth=0)), "b": draw(schemas(depth=0))}
    members = draw(st.lists(st.sampled_from(list(CATALOG_MEMBERS)), max_size=2, unique=True))
    return {"name": "A", "schema": schema} | {member: draw(CATALOG_MEMBERS[member]) for member in members}
