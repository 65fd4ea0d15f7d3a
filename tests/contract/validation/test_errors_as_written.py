"""Errors are those of the schema as written, whatever the closed reading adds; warnings are those of the closed one."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import Event, ValidationResult, compile_contract, find_problems
from catalog.contract.rules.violation import Severity, Violation
from catalog.contract.schema.closed_schema import close_schema
from catalog.contract.schema.validator import build_validator
from catalog.contract.validation.part_validator import MAX_VALUES_LISTED_IN_FULL, PartValidator

NAMES = st.sampled_from(["a", "b", "c", "d"])
LEAVES = st.sampled_from(
    [{}, True, False, {"type": "string"}, {"type": "integer"}, {"const": "x"}, {"minLength": 2}, {"type": "object"}]
)
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("properties", "dependentSchemas"), lambda inner: st.dictionaries(NAMES, inner, max_size=2)),
    "patternProperties": lambda inner: st.dictionaries(st.sampled_from(["^a", "b|c", "."]), inner, max_size=1),
    "required": lambda _: st.lists(NAMES, min_size=1, max_size=2, unique=True),
    "dependentRequired": lambda _: st.dictionaries(NAMES, st.lists(NAMES, max_size=1), max_size=1),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), lambda inner: st.lists(inner, min_size=1, max_size=2)),
    **dict.fromkeys(
        (
            "additionalProperties",
            "unevaluatedProperties",
            "items",
            "unevaluatedItems",
            "contains",
            "not",
            "if",
            "then",
            "else",
        ),
        lambda inner: st.booleans() | inner,
    ),
    "propertyNames": lambda _: st.sampled_from([{"pattern": "^[ab]"}, {"maxLength": 1}, True]),
    "minProperties": lambda _: st.integers(1, 2),
    "maxProperties": lambda _: st.integers(1, 2),
    "$ref": lambda _: st.sampled_from(["#/$defs/a", "#/$defs/b"]),
    "type": lambda _: st.just("object"),
}
VALUES = st.recursive(
    st.sampled_from(["x", "xyz", 1, True, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)


@st.composite
def _schemas(draw: st.DrawFn, depth: int) -> Any:
    if depth == 0 or draw(st.integers(0, 6)) == 0:
        return draw(LEAVES)
    chosen = draw(st.lists(st.sampled_from(list(KEYWORDS)), min_size=1, max_size=4, unique=True))
    return {keyword: draw(KEYWORDS[keyword](_schemas(depth - 1))) for keyword in chosen}


@st.composite
def part_schemas(draw: st.DrawFn) -> dict[str, Any]:
    """Schemas of a part, of every keyword that applies other schemas."""
    root = draw(_schemas(2).filter(lambda schema: isinstance(schema, dict)))
    return root | {"type": "object", "$defs": {name: draw(_schemas(1)) for name in "ab"}}


PART_SCHEMAS = part_schemas().filter(lambda schema: not find_problems({"name": "x", "schema": schema}))


def errors_of(violations: list[Violation]) -> set[Violation]:
    return {found for found in violations if found.severity is Severity.ERROR}


def check(schema: dict[str, Any], properties: dict[str, Any]) -> ValidationResult:
    return compile_contract({"name": "x", "schema": schema}).check(Event(call="track", properties=properties))


@given(PART_SCHEMAS, st.lists(OBJECTS, min_size=1, max_size=5))
def test_errors_are_those_of_the_schema_as_written(schema: dict[str, Any], values: list[dict[str, Any]]) -> None:
    part = PartValidator("properties", schema, is_open=False)
    as_written = PartValidator("properties", schema, is_open=True)
    reference, closed = jsonschema.Draft202012Validator(schema), build_validator(close_schema(schema).schema)
    for value in values:
        violations = part.violations(value)
        errors = errors_of(violations)
        assert errors == set(as_written.violations(value))
        assert (not errors) == reference.is_valid(value) == build_validator(schema).is_valid(value)
        assert part.accepts(value) == (violations == []) == closed.is_valid(value)
        assert as_written.accepts(value) == (errors == set())
        for found in errors:
            if found.rule in ("required", "dependentRequired"):
                assert found.came == "nothing"


@given(PART_SCHEMAS, OBJECTS)
def test_what_is_missing_is_what_another_validator_misses(schema: dict[str, Any], value: dict[str, Any]) -> None:
    violations = PartValidator("properties", schema, is_open=False).violations(value)
    missing = {found.path for found in violations if found.rule in ("required", "dependentRequired")}
    reported = {
        "/".join(["/properties", *map(str, error.absolute_path), error.message.split("'")[1]])
        for error in jsonschema.Draft202012Validator(schema).iter_errors(value)
        if error.validator in ("required", "dependentRequired")
    }
    assert missing == reported


UNDESCRIBED = {"properties": {"a": {"type": "string"}}, "required": ["c"]}
BELOW = {"properties": {"inner": UNDESCRIBED, "list": {"type": "array", "items": UNDESCRIBED}}}


@pytest.mark.parametrize(
    ("schema", "properties", "expected"),
    [
        (UNDESCRIBED, {"a": "x", "c": "here"}, {("/properties/c", "unknown_property", "warning")}),
        (UNDESCRIBED, {"c": "here"}, {("/properties/c", "unknown_property", "warning")}),
        (UNDESCRIBED, {"a": "x"}, {("/properties/c", "required", "error")}),
        (UNDESCRIBED, {"a": 1, "c": 2, "b": 3}, {("/properties/a", "type", "error"),
            ("/properties/b", "unknown_property", "warning"), ("/properties/c", "unknown_property", "warning")}),
        (UNDESCRIBED | {"additionalProperties": False}, {"a": "x", "c": "here"},
            {("/properties/c", "unknown_property", "error")}),
        (UNDESCRIBED | {"additionalProperties": False}, {"a": "x"}, {("/properties/c", "required", "error")}),
        (UNDESCRIBED | {"additionalProperties": {"type": "string"}}, {"a": "x", "c": "here"}, set()),
        (BELOW, {"inner": {"a": "x", "c": 1}}, {("/properties/inner/c", "unknown_property", "warning")}),
        (BELOW, {"list": [{"c": 1}, {}]}, {("/properties/list/0/c", "unknown_property", "warning"),
            ("/properties/list/1/c", "required", "error")}),
        ({"allOf": [UNDESCRIBED]}, {"a": "x", "c": 1}, {("/properties/c", "unknown_property", "warning")}),
        ({"$ref": "#/$defs/u", "$defs": {"u": UNDESCRIBED}}, {"c": 1},
            {("/properties/c", "unknown_property", "warning")}),
    ],
)  # fmt: skip
def test_what_is_there_is_never_called_missing(
    schema: dict[str, Any], properties: dict[str, Any], expected: set[tuple[str, str, str]]
) -> None:
    result = check(schema, properties)

    assert {(found.path, found.rule, found.severity.value) for found in result.violations} == expected


def test_a_large_event_is_told_what_is_so() -> None:
    many = list(range(2 * MAX_VALUES_LISTED_IN_FULL))
    schema = UNDESCRIBED | {"properties": {"a": {}, "o": {"properties": {"x": {}}}}}

    for properties, expected in (
        ({"a": many, "c": 1}, {("unknown_property", "warning")}),
        ({"a": many}, {("required", "error")}),
        ({"a": many, "c": 1, "o": {"y": 1}}, {("unknown_property", "warning")}),
    ):
        result = check(schema, properties)
        assert {(found.rule, found.severity.value) for found in result.violations} == expected
    closed = schema | {"additionalProperties": False}
    assert {found.rule for found in check(closed, {"a": many, "c": 1}).violations} == {"unknown_property"}


def test_what_a_schema_excludes_is_quoted_as_written() -> None:
    schema = {"not": {"$ref": "#/$defs/never"}, "$defs": {"never": {"required": ["a"]}}}

    (found,) = check(schema, {"a": 1}).errors

    assert "#/$defs/never" in found.expected


def test_objects_inside_what_is_left_over_are_open() -> None:
    inner = {"type": "object", "properties": {"x": {}}}

    assert check({"unevaluatedProperties": inner}, {"a": {"x": 1, "y": 2}}).violations == ()


TEXT = {"type": "string"}
ADDRESS = {"properties": {"street": TEXT, "city": TEXT, "state": {"properties": {"name": TEXT}}}}
NAMED = {"$ref": "#/$defs/named", "$defs": {"named": {"properties": {"name": TEXT, "age": {}}}}}
KINDS = {"oneOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"b": TEXT}, "required": ["b"]}]}
LIST = {"allOf": [{"prefixItems": [TEXT, {}]}], "unevaluatedItems": False}


@pytest.mark.parametrize(
    ("schema", "properties", "expected"),
    [
        ({"allOf": [ADDRESS]}, {"street": 21, "city": "NY"}, {("/properties/street", "type")}),
        ({"allOf": [ADDRESS]}, {"street": 21, "zip": 1},
            {("/properties/street", "type"), ("/properties/zip", "unknown_property")}),
        ({"allOf": [ADDRESS | {"required": ["state"]}]}, {"city": "NY"}, {("/properties/state", "required")}),
        ({"allOf": [ADDRESS]}, {"city": "NY", "state": {"name": 1}}, {("/properties/state/name", "type")}),
        ({"allOf": [{"patternProperties": {"^x_": TEXT}}]}, {"x_a": 1, "x_b": "b", "y": 1},
            {("/properties/x_a", "type"), ("/properties/y", "unknown_property")}),
        (NAMED, {"name": 1, "age": 2}, {("/properties/name", "type")}),
        (NAMED, {"name": "Ann", "zip": 2}, {("/properties/zip", "unknown_property")}),
        (KINDS, {"a": "x", "b": 2}, {("/properties/b", "unknown_property")}),
        (KINDS, {"a": 1, "c": 1}, {("/properties", "oneOf"), ("/properties/c", "unknown_property")}),
        (KINDS | {"properties": {"n": TEXT}}, {"a": "x", "b": 2, "n": 1},
            {("/properties/b", "unknown_property"), ("/properties/n", "type")}),
        ({"properties": {"in": {"allOf": [ADDRESS], "unevaluatedProperties": False}}, "allOf": [{"properties":
            {"out": TEXT}}]}, {"in": {"street": 1, "city": "NY"}, "out": "x"}, {("/properties/in/street", "type")}),
        ({"allOf": [{"properties": {"in": {"allOf": [ADDRESS], "unevaluatedProperties": False}, "out": {}}}]},
            {"in": {"street": 1, "city": "NY"}, "out": "x"}, {("/properties/in/street", "type")}),
        ({"properties": {"l": LIST}}, {"l": [1, 2]}, {("/properties/l/0", "type")}),
        ({"properties": {"l": LIST}}, {"l": [1, 2, 3]},
            {("/properties/l/0", "type"), ("/properties/l", "unevaluatedItems")}),
        ({"properties": {"l": LIST}}, {"l": ["a", 2, 3]}, {("/properties/l", "unevaluatedItems")}),
    ],
)  # fmt: skip
def test_what_a_failed_branch_describes_is_not_called_unknown(
    schema: dict[str, Any], properties: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    result = check(schema | {"unevaluatedProperties": False}, properties)

    assert {(found.path, found.rule) for found in result.errors} == expected


PAID = {
    "properties": {"kind": {"enum": ["card", "cash"]}, "n": TEXT, "o": {"properties": {"a": TEXT}}},
    "if": {"properties": {"kind": {"const": "card"}}},
    "then": {"properties": {"number": TEXT}},
    "else": {"properties": {"drawer": TEXT}},
}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"kind": "cash", "number": "4"}, {("number", "unknown_property")}),
        ({"kind": "cash", "number": "4", "other": 1}, {("number", "unknown_property"), ("other", "unknown_property")}),
        ({"kind": "cash", "number": "4", "o": {"a": "x", "b": 1}},
            {("number", "unknown_property"), ("o/b", "unknown_property")}),
        ({"kind": "cash", "number": "4", "n": 1}, {("number", "unknown_property"), ("n", "type")}),
        ({"kind": "card", "number": 4, "drawer": "x"}, {("number", "type")}),
        ({"kind": "cash", "drawer": 4, "other": 1}, {("drawer", "type"), ("other", "unknown_property")}),
        ({"kind": "card", "number": "4", "n": 1, "o": {"b": 1}}, {("n", "type"), ("o/b", "unknown_property")}),
    ],
)  # fmt: skip
def test_a_key_of_another_branch_is_unknown_whatever_else_the_event_holds(
    properties: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    for result, prefix in (
        (check(PAID, properties), "/properties/"),
        (check({"properties": {"paid": {"items": PAID}}}, {"paid": [properties]}), "/properties/paid/0/"),
    ):
        assert {(found.path.removeprefix(prefix), found.rule) for found in result.violations} == expected


def test_many_unknown_keys_beside_branches_are_told_soon() -> None:
    branches = [{"properties": {f"p{i}_{j}": TEXT for j in range(10)}} for i in range(100)]
    properties: dict[str, Any] = {f"u{i}": 1 for i in range(4_500)} | {"p0_0": 1}

    began = time.process_time()
    result = check({"allOf": branches}, properties)

    assert len(result.violations) == 1_000
    assert time.process_time() - began < 3
