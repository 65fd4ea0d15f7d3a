"""Naming a key that a rule for any key had covered: proven to be what it is, and never more than that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import ComparisonOutcome, VersionBump, compare, find_problems
from catalog.contract.comparison.free_keys import name_free_keys
from catalog.contract.schema.validator import build_validator

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
EITHER = {"type": ["string", "integer"]}
FREE_TEXTS = {"properties": {"a": TEXT}, "additionalProperties": TEXT}
BY_PREFIX = {"patternProperties": {"^i_": WHOLE, "_n$": {"minimum": 0}}, "additionalProperties": False}

RULES = st.sampled_from([True, False, {}, TEXT, WHOLE, EITHER, {"minLength": 2}, {"$ref": "#/$defs/d"}])
OBJECTS_OF_RULES = st.fixed_dictionaries(
    {},
    optional={
        "properties": st.dictionaries(st.sampled_from(["a", "b", "ab"]), RULES, max_size=2),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b", "."]), RULES, max_size=2),
        "additionalProperties": RULES,
        "unevaluatedProperties": RULES,
    },
)
BRANCHES = st.sampled_from(
    [
        lambda inner: {"anyOf": [inner, {"type": "null"}]},
        lambda inner: {"allOf": [inner], "unevaluatedProperties": False},
        lambda inner: {"not": inner},
        lambda inner: {"if": inner, "else": inner},
        lambda inner: {"dependentSchemas": {"a": inner}},
        lambda inner: {"additionalProperties": inner},
        lambda inner: {"$ref": "#/$defs/o", "unevaluatedProperties": False},
        lambda inner: inner,
    ]
)
SCHEMAS = st.builds(
    lambda outer, inner, item, branch: (
        outer
        | {
            "properties": outer.get("properties", {}) | {"o": branch(inner), "l": {"items": item}},
            "$defs": {"d": TEXT, "o": inner},
        }
    ),
    OBJECTS_OF_RULES,
    OBJECTS_OF_RULES,
    OBJECTS_OF_RULES,
    BRANCHES,
)
LEAVES = st.sampled_from(["x", "xy", 1, None])
FLAT = st.dictionaries(st.sampled_from(["a", "b", "ab", "c"]), LEAVES, max_size=3)
VALUES = st.builds(lambda flat, inner, items: flat | {"o": inner, "l": items}, FLAT, FLAT, st.lists(FLAT, max_size=2))


def outcome(old: dict[str, Any], new: dict[str, Any]) -> tuple[ComparisonOutcome, VersionBump]:
    found = compare({"name": "A", "schema": old}, {"name": "A", "schema": new})
    return found.outcome, found.version_bump


@given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=5))
def test_naming_keys_changes_no_verdict(old: dict[str, Any], new: dict[str, Any], values: list[dict[str, Any]]) -> None:
    assert not find_problems({"name": "A", "schema": old})
    as_written, named = build_validator(old), build_validator(name_free_keys(old, new))
    for value in values:
        assert as_written.is_valid(value) == named.is_valid(value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (FREE_TEXTS, {"properties": {"a": TEXT, "b": TEXT}}),
        (FREE_TEXTS, {"properties": {"b": TEXT}}),
        (FREE_TEXTS, {"properties": {"a": TEXT, "b": EITHER}}),
        (FREE_TEXTS | {"additionalProperties": EITHER}, {"properties": {"a": TEXT, "b": EITHER}}),
        (FREE_TEXTS | {"additionalProperties": {"anyOf": [TEXT]}}, {"properties": {"a": TEXT, "b": TEXT}}),
        (BY_PREFIX, {"properties": {"i_a": WHOLE}}),
        (BY_PREFIX, {"properties": {"i_n": {"type": "integer", "minimum": 0}}}),
        ({"additionalProperties": {"$ref": "#/$defs/t"}, "$defs": {"t": TEXT}}, {"properties": {"b": TEXT}}),
        ({"unevaluatedProperties": TEXT}, {"properties": {"b": TEXT}}),
    ],
)
def test_a_key_that_is_named_as_it_was_covered_is_a_minor_version(old: dict[str, Any], new: dict[str, Any]) -> None:
    after = old | new
    expected = (ComparisonOutcome.COMPATIBLE, VersionBump.MINOR)

    assert outcome(old, after) == expected
    for before, nested in ((old, after), ({"items": old}, {"items": after})):
        definitions = {"$defs": old.get("$defs", {})}
        assert outcome({"properties": {"o": before}} | definitions, {"properties": {"o": nested}} | definitions) == (
            expected
        )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: inner | {"$ref": "#/$defs/other", "$defs": {"other": {"minProperties": 1}}},
        lambda inner: {"$ref": "#/$defs/o", "$defs": {"o": inner}},
        lambda inner: {"allOf": [inner]},
        lambda inner: {"properties": {"o": {"anyOf": [inner, {"type": "null"}]}}},
        lambda inner: {"properties": {"o": {"oneOf": [{"type": "null"}, inner]}}},
        lambda inner: {"properties": {"o": {"if": {"type": "object"}, "then": inner}}},
        lambda inner: {"properties": {"o": {"additionalProperties": inner}}},
        lambda inner: {"properties": {"o": {"patternProperties": {"^k": inner}, "additionalProperties": False}}},
        lambda inner: {"properties": {"o": {"unevaluatedProperties": inner}}},
        lambda inner: {"properties": {"l": {"prefixItems": [TEXT, inner]}}},
        lambda inner: {"properties": {"l": {"items": {"dependentSchemas": {"a": inner}}}}},
    ],
)
def test_a_key_is_named_wherever_its_object_is(wrap: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    before = {"type": "object"} | FREE_TEXTS
    after = before | {"properties": {"a": TEXT, "b": TEXT}}
    narrower = before | {"properties": {"a": TEXT, "b": {"type": "string", "maxLength": 3}}}

    assert outcome(wrap(before), wrap(after)) == (ComparisonOutcome.COMPATIBLE, VersionBump.MINOR)
    assert outcome(wrap(after), wrap(before)) == (ComparisonOutcome.COMPATIBLE, VersionBump.MINOR)
    assert outcome(wrap(before), wrap(narrower))[1] is VersionBump.MAJOR


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (FREE_TEXTS, {"properties": {"a": TEXT, "b": {"type": "string", "maxLength": 3}}}),
        (FREE_TEXTS, {"properties": {"a": TEXT, "b": WHOLE}}),
        (FREE_TEXTS | {"additionalProperties": EITHER}, {"properties": {"a": TEXT, "b": TEXT}}),
        (BY_PREFIX, {"properties": {"i_a": {"type": "integer", "minimum": 0}}}),
    ],
)
def test_a_key_that_is_named_more_narrowly_breaks(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert outcome(old, old | new) == (ComparisonOutcome.BREAKING, VersionBump.MAJOR)
