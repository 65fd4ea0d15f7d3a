"""Proofs about many properties beside branches and patterns: they end soon, and say the same as about a few."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from jsonschema_rs.canonical import Containment

from catalog.contract import ComparisonOutcome, VersionBump, compare, find_problems
from catalog.contract.comparison.containment import check_containment
from catalog.contract.comparison.shared_properties import without_shared_properties
from catalog.contract.examples.value_generation import generate_objects
from catalog.contract.schema.validator import build_validator

BREAKING, COMPATIBLE, UNPROVEN = ComparisonOutcome.BREAKING, ComparisonOutcome.COMPATIBLE, ComparisonOutcome.UNPROVEN
TEXT = {"type": "string"}


def texts(count: int, **keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {f"p{number}": TEXT for number in range(count)}, **keywords}


def one_of(count: int) -> list[dict[str, Any]]:
    return [{"properties": {f"x{number}": TEXT}, "required": [f"x{number}"]} for number in range(count)]


def any_of(count: int) -> list[dict[str, Any]]:
    return [{"required": [f"p{number}"]} for number in range(count)]


def else_if(count: int) -> dict[str, Any]:
    chain: dict[str, Any] = {}
    for number in range(count):
        chain = {"if": {"required": [f"p{number}"]}, "then": {"required": [f"q{number}"]}, "else": chain}
    return chain


def patterns(count: int) -> dict[str, Any]:
    return {f"^p.*{number}$": {"minLength": number} for number in range(count)}


@pytest.mark.parametrize(
    ("schema", "outcome"),
    [
        pytest.param(texts(11, oneOf=one_of(2)), COMPATIBLE, id="eleven beside two branches"),
        pytest.param(texts(12, oneOf=one_of(4), unevaluatedProperties=False), COMPATIBLE, id="twelve beside four"),
        pytest.param(texts(200, oneOf=one_of(4), unevaluatedProperties=False), COMPATIBLE, id="200 beside four"),
        pytest.param(texts(200, anyOf=any_of(4)), COMPATIBLE, id="any of four of 200"),
        pytest.param(texts(200, anyOf=any_of(20)), COMPATIBLE, id="any of 20 of 200"),
        pytest.param(texts(23, patternProperties=patterns(10)), COMPATIBLE, id="23 beside ten patterns"),
        pytest.param(texts(16, **else_if(6)), COMPATIBLE, id="six conditions, one after the other"),
        pytest.param(texts(23, **else_if(23)), UNPROVEN, id="23 conditions, one after the other"),
    ],
)
def test_a_property_comes_and_goes_soon_whatever_stands_beside_it(
    schema: dict[str, Any], outcome: ComparisonOutcome
) -> None:
    without: dict[str, Any] = {"name": "A", "schema": schema}
    with_one_more = copy.deepcopy(without)
    with_one_more["schema"]["properties"]["fresh"] = {"type": "integer"}
    assert not find_problems(with_one_more)

    started = time.process_time()
    comes, goes = compare(without, with_one_more), compare(with_one_more, without)

    assert time.process_time() - started < 10
    assert (comes.outcome, goes.outcome) == (outcome, BREAKING)
    assert goes.counterexample is not None


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(texts(200, patternProperties=patterns(60)), id="200 beside 60 patterns"),
        pytest.param({"properties": {"list": {"type": "array", "items": texts(16, **else_if(16))}}}, id="items"),
    ],
)
def test_what_would_take_long_is_a_major_version(schema: dict[str, Any]) -> None:
    old = {"name": "A", "schema": schema}
    new = json.loads(json.dumps(old).replace('"string"', '["string", "null"]'))

    started = time.process_time()
    found = [compare(old, new), compare(new, old)]

    assert time.process_time() - started < 10
    assert {each.version_bump for each in found} == {VersionBump.MAJOR}


def test_every_property_changes_beside_branches_and_it_ends_soon() -> None:
    old: dict[str, Any] = {"name": "A", "schema": texts(12, oneOf=one_of(2), additionalProperties=True)}
    new = copy.deepcopy(old)
    new["schema"]["properties"] = {f"p{number}": {"type": ["string", "null"]} for number in range(12)}

    started = time.process_time()
    widened, narrowed = compare(old, new), compare(new, old)

    assert time.process_time() - started < 10
    assert (widened.outcome, narrowed.outcome) == (COMPATIBLE, BREAKING)


OTHER = {"properties": {"a": TEXT, "b": TEXT, "c": {"type": "number"}}}


@pytest.mark.parametrize(
    ("keywords", "kept"),
    [
        ({}, {"c"}),
        ({"additionalProperties": False}, {"c"}),
        ({"required": ["a"]}, {"a", "c"}),
        ({"dependentRequired": {"a": ["b"]}}, {"a", "b", "c"}),
        ({"anyOf": [{"required": ["b"]}, {"properties": {"a": {"minLength": 1}}}]}, {"a", "b", "c"}),
        ({"not": {"required": ["b"]}}, {"b", "c"}),
        ({"allOf": [{"additionalProperties": {"type": "number"}}]}, {"a", "b", "c"}),
        ({"patternProperties": {"^a": {"minLength": 1}}}, {"a", "b", "c"}),
        ({"propertyNames": {"maxLength": 1}}, {"a", "b", "c"}),
        ({"minProperties": 1}, {"a", "b", "c"}),
        ({"not": {"maxProperties": 2}}, {"a", "b", "c"}),
        ({"allOf": [{"$ref": "#/$defs/few"}], "$defs": {"few": {"maxProperties": 2}}}, {"a", "b", "c"}),
        ({"enum": [{"a": "x"}]}, {"a", "b", "c"}),
        ({"allOf": [{"$ref": "#"}]}, {"a", "b", "c"}),
    ],
)
def test_only_what_nothing_else_speaks_of_is_left_out_of_a_proof(keywords: dict[str, Any], kept: set[str]) -> None:
    old = {"properties": OTHER["properties"] | {"c": {"type": "integer"}}}
    for before, after in ((old, OTHER | keywords), (old | keywords, OTHER), (old | keywords, OTHER | keywords)):
        left = without_shared_properties(before, after, {})
        assert [set(schema["properties"]) for schema in left] == [kept, kept]


def test_a_property_is_shared_only_if_its_definition_is() -> None:
    old = {"$defs": {"d": TEXT}, "properties": {"a": {"$ref": "#/$defs/d"}, "b": TEXT}}
    new = old | {"$defs": {"d": {"type": "number"}}}
    assert [set(schema["properties"]) for schema in without_shared_properties(old, new, {})] == [{"a"}, {"a"}]
    assert [set(schema["properties"]) for schema in without_shared_properties(old, old, {})] == [set(), set()]


def test_what_is_compared_within_a_description_keeps_what_that_describes() -> None:
    schemas = without_shared_properties(OTHER, OTHER, {"properties": {"a": {"minLength": 1}}})
    assert [set(schema["properties"]) for schema in schemas] == [{"a"}, {"a"}]


def test_a_difference_knows_the_properties_that_a_proof_does_without() -> None:
    properties = {f"p{number}": TEXT for number in range(30)}
    old, new = (
        {"properties": properties | {"c": {"type": kinds}}, "required": ["c"], "additionalProperties": False}
        for kinds in (["integer", "null"], ["integer"])
    )

    answer, difference = check_containment(old, new)

    assert answer == Containment.NO
    before, after = build_validator(old), build_validator(new)
    examples = [each for each in generate_objects(difference) if before.is_valid(each) and not after.is_valid(each)]
    assert examples[0] == {"c": None, **{f"p{number}": "text" for number in range(30)}}
