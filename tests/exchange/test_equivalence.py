"""The conversion keeps the meaning: old judge on the old schema and new judge on the new one agree."""

import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.exchange.entry import Entry
from catalog.exchange.json_schema.draft_conversion import convert_to_2020_12
from catalog.exchange.json_schema.draft_keywords import FORMATS_BY_DRAFT, Draft
from catalog.exchange.parsing.strict_yaml import parse_strict_yaml
from tests.exchange.real_dictionaries import document_of, imported_entries

JUDGES = {
    Draft.DRAFT_04: jsonschema_rs.Draft4Validator,
    Draft.DRAFT_06: jsonschema_rs.Draft6Validator,
    Draft.DRAFT_07: jsonschema_rs.Draft7Validator,
}
SETTINGS: dict[str, Any] = {
    "offline": True,
    "validate_formats": True,
    "pattern_options": jsonschema_rs.RegexOptions(),
}
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 3, 2**53, 0.5, -2.5, "", "a", "abc", "1.2.3", "2026-01-02", "2026-01-02T03:04:05Z",
    "someone@example.com", "https://example.com/a", "203.0.113.7", "1234567890abcdefghij", "x" * 300,
    "c0ffee00-1234-4678-9abc-def012345678",
]  # fmt: skip


def old_judge(schema: Any, draft: Draft) -> Any:
    """The judge of an older draft. Identifiers of the real schemas are no absolute URIs; nothing refers to them."""
    plain = {key: value for key, value in schema.items() if key not in ("$schema", "$id", "self")}
    return JUDGES[draft](plain, **SETTINGS)


def without_younger_formats(schema: Any, draft: Draft) -> Any:
    """The converted schema as it was before younger drafts defined more formats, which notes tell."""
    if isinstance(schema, list):
        return [without_younger_formats(item, draft) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_younger_formats(value, draft)
        for key, value in schema.items()
        if key != "format" or not isinstance(value, str) or value in FORMATS_BY_DRAFT[draft]
    }


def values_for(schema: Any, chance: random.Random) -> Any:
    """A value near what a schema asks for: often right, often a little wrong."""
    if not isinstance(schema, dict) or chance.random() < 0.15:
        return chance.choice(SCALARS)
    if "enum" in schema and chance.random() < 0.7:
        return chance.choice(schema["enum"])
    if "oneOf" in schema or "anyOf" in schema:
        return values_for(chance.choice(schema.get("oneOf") or schema["anyOf"]), chance)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = chance.choice(kinds) if isinstance(kinds, list) else kinds
    if kind == "object":
        return dict(_members(schema, chance))
    if kind == "array":
        return [values_for(schema.get("items", {}), chance) for _ in range(chance.randrange(3))]
    pools: dict[str, Any] = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    return chance.choice([value for value in SCALARS if isinstance(value, pools[kind])])


def _members(schema: dict[str, Any], chance: random.Random) -> Iterator[tuple[str, Any]]:
    required = schema.get("required", [])
    for name, child in schema.get("properties", {}).items():
        if chance.random() < (0.97 if name in required else 0.4):
            yield name, values_for(child, chance)
    if chance.random() < 0.1:
        yield "a key that nobody named", values_for(schema.get("additionalProperties", {}), chance)


def real_schemas() -> Iterator[tuple[Entry, Any, Draft]]:
    for entry in imported_entries("iglu", "iglu-central"):
        if entry.document is not None:
            yield entry, json.loads(entry.source_text), Draft.DRAFT_04
    for entry in imported_entries("wikimedia", "wikimedia"):
        if entry.document is not None:
            yield entry, parse_strict_yaml(entry.source_text.encode()), Draft.DRAFT_07


def test_every_real_schema_means_the_same():
    chance = random.Random(20261123)
    agreed = {True: 0, False: 0}
    for entry, source, draft in real_schemas():
        old = old_judge(source, draft)
        schema = without_younger_formats(document_of(entry)["schema"], draft)
        new = jsonschema_rs.Draft202012Validator(schema, **SETTINGS)
        for _ in range(60):
            value = values_for({**source, "type": "object"}, chance)
            if isinstance(value, dict):
                assert old.is_valid(value) == new.is_valid(value), (entry.path, value)
                agreed[old.is_valid(value)] += 1
    assert min(agreed.values()) > 2_000, agreed


NAMES = st.sampled_from(["a", "b", "c"])
WHOLE = st.integers(-3, 3)
PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | st.sampled_from([0.5, -1.5]) | st.sampled_from(["", "a", "ab", "b1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
VALUES: list[Any] = [
    -3, -1, 0, 1, 2, 3, 0.5, "", "a", "b1", None, True, [], [1], ["a", "b"], [1, "a", None], [[1, 2], {}],
    {}, {"a": 1}, {"a": "a", "b": 1}, {"b": [1, "a"], "c": None}, {"a": {"a": 1, "b": 2}, "c": [3, 4]},
]  # fmt: skip
TOGETHER = [
    ("minimum", "exclusiveMinimum"),
    ("maximum", "exclusiveMaximum"),
    ("items", "additionalItems"),
    ("dependencies", "properties"),
    ("$ref", "type"),
    ("if", "then", "else"),
]
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])


def keywords(draft: Draft, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of one draft whose subschemas come from `inner`."""
    several = st.lists(inner, min_size=1, max_size=2)
    every: dict[str, st.SearchStrategy[Any]] = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
        "enum": st.lists(PLAIN_VALUES, min_size=1, max_size=3, unique_by=repr),
        "minimum": WHOLE,
        "maximum": WHOLE,
        "multipleOf": st.integers(1, 3),
        "minLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^a", "b$", "[0-9]"]),
        "items": inner | several,
        "additionalItems": st.booleans() | inner,
        "maxItems": st.integers(0, 3),
        "uniqueItems": st.booleans(),
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=1),
        "additionalProperties": st.booleans() | inner,
        "required": st.lists(NAMES, min_size=1, max_size=2, unique=True),
        "dependencies": st.dictionaries(
            NAMES, inner | st.lists(NAMES, min_size=1, max_size=2, unique=True), max_size=2
        ),
        "allOf": several,
        "anyOf": several,
        "oneOf": several,
        "not": inner,
        "$ref": st.sampled_from(["#/definitions/one", "#/definitions/two/items/0", "#/definitions/two/dependencies/b"]),
        "const": PLAIN_VALUES,
        "contains": inner,
        "propertyNames": inner,
        "if": inner,
        "then": inner,
        "else": inner,
    }
    every["exclusiveMinimum"] = every["exclusiveMaximum"] = st.booleans() if draft is Draft.DRAFT_04 else WHOLE
    # Keywords whose meaning hangs together come together, or chance would seldom try them.
    groups = [*((name,) for name in sorted(every)), *TOGETHER * 4]
    chosen = st.lists(st.sampled_from(groups), max_size=2, unique=True).map(lambda found: sum(found, ()))
    made = chosen.flatmap(lambda names: st.fixed_dictionaries({name: every[name] for name in names}))
    return made.map(_with_bounds) if draft is Draft.DRAFT_04 else made


def _with_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """Draft-04's own meta-schema wants a bound beside what excludes it."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if exclusive in schema:
            schema.setdefault(bound, 1)
    return schema


def schemas(draft: Draft) -> st.SearchStrategy[dict[str, Any]]:
    leaf = keywords(draft, st.just({}) if draft is Draft.DRAFT_04 else st.sampled_from([{}, True, False]))
    middle = keywords(draft, leaf)
    two = st.fixed_dictionaries(
        {"items": st.tuples(leaf).map(list), "dependencies": st.fixed_dictionaries({"b": leaf})}
    )
    free = leaf.filter(lambda schema: "$ref" not in json.dumps(schema))  # or definitions would lead in circles
    definitions = st.fixed_dictionaries(
        {"one": free, "two": two.filter(lambda schema: "$ref" not in json.dumps(schema))}
    )
    return st.builds(lambda schema, shared: schema | {"definitions": shared}, keywords(draft, middle), definitions)


@pytest.mark.parametrize("draft", list(JUDGES), ids=lambda draft: draft.label)
@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(settings().suppress_health_check)
)
@given(data=st.data())
def test_any_schema_means_the_same(draft: Draft, data: st.DataObject):
    source = data.draw(schemas(draft))
    converted = convert_to_2020_12(source, default=draft)
    assert converted.problems == ()
    old = JUDGES[draft](source, **SETTINGS)
    new = jsonschema_rs.Draft202012Validator(converted.schema, **SETTINGS)
    for value in [*VALUES, *data.draw(st.lists(PLAIN_VALUES, max_size=6))]:
        assert old.is_valid(value) == new.is_valid(value), (converted.schema, value)
