"""Any two definitions can be compared: never an exception, and what is said of them is true."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.contract import (
    Comparison,
    ComparisonOutcome,
    Contract,
    Event,
    VersionBump,
    canonical_json,
    compare,
    compare_for_all_sources,
    compile_contract,
    diff,
    example_payload,
    find_problems,
    for_source,
    json_equal,
    list_properties,
    part_schemas,
)
from catalog.contract.comparison.unknown_keys import values_with_unknown_keys
from catalog.contract.examples.value_generation import generate_values
from catalog.contract.schema.validator import build_validator
from tests.contract.definitions import KEYWORDS, NAMES, VALUES, documents, schemas

DOCUMENTS = documents().filter(lambda document: not find_problems(document))


def with_property(schema: Any, **members: Any) -> dict[str, Any]:
    return {"name": "A", "schema": {"type": "object", "properties": {"a": schema}}, **members}


@dataclass(frozen=True)
class CheckedDefinition:
    """A definition with what checks events by it, compiled once: it is asked of a hundred payloads."""

    contract: Contract
    validators: Mapping[str, jsonschema_rs.Validator]

    @classmethod
    def of(cls, document: dict[str, Any]) -> CheckedDefinition:
        parts = part_schemas(for_source(document, None)).items()
        return cls(compile_contract(document), {part: build_validator(schema) for part, schema in parts})

    def conforms(self, event: Event) -> bool:
        """Whether the schemas as they are written accept an event: the validator itself, without our reading of it."""
        return all(validator.is_valid(getattr(event, part) or {}) for part, validator in self.validators.items())


def assert_keeps_what_passed(old: CheckedDefinition, new: CheckedDefinition, event: Event) -> None:
    """What was valid is valid; what conformed conforms, but for a value at a key that was unknown before."""
    if old.contract.is_valid_strictly(event):
        assert new.contract.is_valid_strictly(event), event
    if old.conforms(event) and not new.conforms(event):
        unknown = tuple(
            found.path for found in old.contract.check(event).violations if found.rule == "unknown_property"
        )
        excused = [found for found in new.contract.check(event).errors if found.path.startswith(unknown)]
        assert excused, event
        assert "unknown_property" not in {found.rule for found in excused if found.path in unknown}


def assert_is_true(found: Comparison, old: dict[str, Any], new: dict[str, Any]) -> None:
    """What a comparison says is shown by a payload, or at least not refuted by the payloads that can be made up."""
    before, after = CheckedDefinition.of(old), CheckedDefinition.of(new)
    call = old.get("call", "track")
    if found.counterexample is not None:
        event = Event(call=call, **found.counterexample)
        if found.keeps_valid:
            assert before.conforms(event)
            assert not after.conforms(event)
        else:
            assert before.contract.is_valid_strictly(event)
            assert not after.contract.is_valid_strictly(event)
        assert found.outcome is ComparisonOutcome.BREAKING
    if found.version_bump is not VersionBump.MAJOR:
        part = "traits" if call == "identify" else "properties"
        for schema in (old["schema"], new["schema"]):
            values = (
                *generate_values(schema, schema)[:50],
                *islice(values_with_unknown_keys(schema, new["schema"]), 60),
            )
            for value in (value for value in values if isinstance(value, dict)):
                assert_keeps_what_passed(before, after, Event(call=call, **{part: value}))


@given(DOCUMENTS, DOCUMENTS)
def test_two_definitions_compare_without_an_exception(old: dict[str, Any], new: dict[str, Any]) -> None:
    found = compare(old, new)

    assert found.reason
    assert found.as_json() == json.loads(json.dumps(found.as_json()))
    assert_is_true(found, old, new)
    bumps = list(VersionBump)
    assert bumps.index(compare_for_all_sources(old, new).version_bump) >= bumps.index(found.version_bump)
    diff(old, new)


@given(DOCUMENTS, schemas())
def test_one_property_of_another_kind_compares_without_an_exception(old: dict[str, Any], schema: Any) -> None:
    new = copy.deepcopy(old)
    new["schema"]["properties"]["a"] = schema
    assume(not find_problems(new))

    assert_is_true(compare(old, new), old, new)
    assert_is_true(compare(new, old), new, old)
    diff(old, new)


PLACES = [lambda schema: schema, lambda schema: schema["properties"]["a"]]
PAYLOADS = st.dictionaries(
    st.sampled_from(["a", "b", "new", "unknown"]), VALUES | st.dictionaries(NAMES, VALUES), max_size=3
)


@given(DOCUMENTS, schemas(), st.sampled_from(PLACES), st.booleans(), st.lists(PAYLOADS, min_size=5, max_size=10))
def test_what_passed_passes_unless_the_number_says_so(
    old: dict[str, Any], schema: Any, place: Any, is_nested: bool, payloads: list[dict[str, Any]]
) -> None:
    """A property is described that was not there, on the first or the second level; events come with and without it."""
    if is_nested:
        old["schema"]["properties"]["a"] = {"type": "object", "properties": {"a": {}}}
    new = copy.deepcopy(old)
    assume(isinstance(place(new["schema"]), dict))
    place(new["schema"]).setdefault("properties", {})["new"] = schema
    assume(not find_problems(old) and not find_problems(new))

    found = compare(old, new)

    assert_is_true(found, old, new)
    if found.version_bump is not VersionBump.MAJOR:
        part = "traits" if old.get("call") == "identify" else "properties"
        before, after = CheckedDefinition.of(old), CheckedDefinition.of(new)
        for payload in payloads:
            for value in (payload, {"a": payload}, payload | {"a": {"new": payload.get("new")}}):
                assert_keeps_what_passed(before, after, Event(call=old.get("call", "track"), **{part: value}))


@given(DOCUMENTS)
def test_a_definition_is_equal_to_its_copy(document: dict[str, Any]) -> None:
    stored = json.loads(canonical_json(document))

    assert json_equal(document, stored)
    for copied in (copy.deepcopy(document), stored):
        assert compare(document, copied) == Comparison(
            ComparisonOutcome.EQUAL, VersionBump.NONE, reason="Nothing differs."
        )
        assert diff(document, copied) == []
    list_properties(document)
    example_payload(document)


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ({"enum": [0, 1]}, {"enum": [False, True]}, "breaking"),
        ({"enum": [False, True]}, {"enum": [0, 1]}, "breaking"),
        ({"const": 1}, {"const": True}, "breaking"),
        ({"const": 1}, {"const": 1.0}, "equal"),
        ({}, {"const": None}, "breaking"),
        ({}, {"exclusiveMinimum": 1, "exclusiveMaximum": 1e16, "multipleOf": 0.01}, "breaking"),
        ({"minimum": 2**63}, {"minimum": 2**63 + 1}, "breaking"),
        ({"minimum": 2**63 + 1}, {"minimum": 2**63}, "compatible"),
        ({"type": "integer", "minimum": 2**1023}, {"minimum": 2**1023 + 1}, "breaking"),
        ({"maxLength": 10_000}, {"maxLength": 10_001}, "compatible"),
        ({"maxLength": 10_001}, {"maxLength": 10_000}, "unproven"),
        ({"maxLength": 2**64}, {"maxLength": 2**64 + 1}, "compatible"),
        ({"maxLength": 2**64 + 1}, {"maxLength": 2**64}, "unproven"),
        ({"minItems": 2**70}, {"minItems": 2**70 + 1}, "unproven"),
        ({"minLength": 3.0, "maxLength": 20_000}, {"minLength": 4.0}, "breaking"),
    ],
)
def test_values_that_python_takes_for_each_other_and_large_numbers(old: Any, new: Any, outcome: str) -> None:
    before, after = with_property(old), with_property(new)
    found = compare(before, after)

    assert found.outcome == outcome
    assert (found.counterexample is not None) is (outcome == "breaking")
    assert_is_true(found, before, after)
    assert (diff(before, after) == []) is (outcome == "equal")


@st.composite
def bounds(draw: st.DrawFn) -> dict[str, Any]:
    """Schemas of a number, a text or a list with a few bounds, most of them past what programs count with."""
    kind = draw(st.sampled_from(["number", "integer", "string", "array"]))
    keywords = {
        "string": ["minLength", "maxLength"],
        "array": ["minItems", "maxItems", "uniqueItems"],
    }.get(kind, ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
    chosen = draw(st.lists(st.sampled_from(keywords), max_size=3, unique=True))
    schema = {keyword: draw(KEYWORDS[keyword](st.booleans())) for keyword in chosen}
    return schema | draw(st.sampled_from([{"type": kind}, {"type": [kind, "null"]}, {}]))


@given(bounds(), bounds() | st.just({}), st.booleans())
def test_bounds_past_what_programs_count_with_are_compared_rightly(old: Any, new: Any, is_required: bool) -> None:
    before, after = with_property(old), with_property(new)
    if is_required:
        before["schema"]["required"] = ["a"]
    for one, other in ((before, after), (after, before)):
        found = compare(one, other)
        assert_is_true(found, one, other)


@pytest.mark.parametrize(
    "schema",
    [
        {"exclusiveMinimum": 1, "exclusiveMaximum": 1e16, "multipleOf": 0.01},
        {"exclusiveMinimum": 1, "exclusiveMaximum": 1e16, "multipleOf": 0.01, "type": "number"},
        {"exclusiveMinimum": 2**63, "multipleOf": 0.1},
        {"minimum": -(2**63) - 1, "maximum": 2**64, "multipleOf": 2**63},
        {"maxLength": 10_001},
        {"minLength": 2**63},
    ],
)
def test_large_bounds_against_nothing(schema: Any) -> None:
    nothing = {"name": "A", "schema": {"type": "object"}}
    for other in (nothing, with_property({}), with_property(False), {"name": "A", "schema": {}}):
        for one, another in ((with_property(schema), other), (other, with_property(schema))):
            assert_is_true(compare(one, another), one, another)
    assert compare(with_property(schema), with_property({})).outcome is ComparisonOutcome.COMPATIBLE
    assert compare(with_property({}), with_property(schema)).outcome in (
        ComparisonOutcome.BREAKING,
        ComparisonOutcome.UNPROVEN,
    )


def test_a_part_is_always_an_object_so_other_values_prove_no_break() -> None:
    silent = {"name": "A", "schema": {}}
    bound_of_a_number = {"name": "A", "schema": {"exclusiveMinimum": 1}}

    assert compare(silent, with_property({})).outcome is ComparisonOutcome.COMPATIBLE
    for one, other in ((silent, bound_of_a_number), (bound_of_a_number, silent)):
        assert compare(one, other).outcome is ComparisonOutcome.WORDS
    with_context = silent | {"context": {"type": "object", "maxLength": 1}}
    assert compare(silent | {"context": {}}, with_context).outcome is ComparisonOutcome.WORDS


def test_what_the_library_raises_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (TypeError("no number"), ValueError("not supported"), OverflowError("too large")):

        def give_up(*_: Any, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr("catalog.contract.comparison.containment.canonicalize_schema", give_up)
        assert compare(with_property({}), with_property({"type": ["string", "null"]})).counterexample is not None
        assert compare(with_property({"type": "string"}), with_property({})).outcome is ComparisonOutcome.UNPROVEN


@pytest.mark.parametrize("count", [3, 8, 9, 11, 16, 200])
def test_branches_that_combine_in_too_many_ways_are_not_proven(count: int) -> None:
    names = [f"{letter}{number}" for number in range(count) for letter in "ab"]
    choices = [{"anyOf": [{"required": [f"a{number}"]}, {"required": [f"b{number}"]}]} for number in range(count)]
    properties: dict[str, Any] = {name: {"type": "string"} for name in names}
    old: dict[str, Any] = {"name": "A", "schema": {"properties": properties, "allOf": choices}}
    new = copy.deepcopy(old)
    new["schema"]["properties"]["c"] = {}

    found = compare(old, new)

    assert found.outcome is (ComparisonOutcome.COMPATIBLE if count == 3 else ComparisonOutcome.UNPROVEN)


@pytest.mark.parametrize("count", [20, 160])
def test_one_of_many_properties_is_compared_soon(count: int) -> None:
    names = [f"p{number}" for number in range(count)]
    old: dict[str, Any] = {
        "name": "A",
        "schema": {"properties": {name: {} for name in names}, "anyOf": [{"required": [name]} for name in names]},
    }
    new = copy.deepcopy(old)
    new["schema"]["properties"]["c"] = {}

    started = time.perf_counter()
    found = compare(old, new)

    assert time.perf_counter() - started < 10
    assert found.outcome is (ComparisonOutcome.COMPATIBLE if count == 20 else ComparisonOutcome.UNPROVEN)


def test_references_in_a_long_row_are_compared() -> None:
    row = {f"{number}": {"$ref": f"#/$defs/{number + 1}"} for number in range(900)} | {"900": {"type": "string"}}
    old: dict[str, Any] = {"name": "A", "schema": {"properties": {"a": {"$ref": "#/$defs/0"}}, "$defs": row}}
    new = copy.deepcopy(old)
    new["schema"]["properties"]["b"] = {}

    assert compare(old, new).outcome is ComparisonOutcome.COMPATIBLE


def test_members_that_nobody_knows_change_the_meaning_alone() -> None:
    plain = with_property({})
    for new in (with_property({}, category="money"), with_property({}, category="money", unit="EUR")):
        found = compare(plain, new)
        assert (found.outcome, found.version_bump) == (ComparisonOutcome.COMPATIBLE, VersionBump.PATCH)
        assert "category" in found.reason
    assert compare(with_property({}, category=1), with_property({}, category=True)).version_bump is VersionBump.PATCH


def test_a_counterexample_is_a_whole_payload() -> None:
    context = {"type": "object", "properties": {"page": {"type": "string"}}, "required": ["page"]}
    old, new = with_property({}, context=context), with_property({"type": "string"}, context=context)

    found = compare(old, new)

    assert found.counterexample is not None
    assert found.counterexample.keys() == {"properties", "context"}
    assert_is_true(found, old, new)


def test_where_nothing_was_valid_nothing_is_proven() -> None:
    context = {"type": "object", "enum": ["no object"]}

    found = compare(with_property({}, context=context), with_property({"type": "string"}, context=context))

    assert (found.outcome, found.counterexample) == (ComparisonOutcome.UNPROVEN, None)


def test_a_difference_does_not_depend_on_the_order_of_members() -> None:
    schema = {"patternProperties": {"^a": {}, "^b": {"type": "string"}}, "anyOf": [{}], "allOf": [{"minProperties": 1}]}
    turned = {key: dict(reversed(value.items())) if isinstance(value, dict) else value for key, value in schema.items()}

    assert diff(with_property(schema), with_property(dict(reversed(turned.items())))) == []
