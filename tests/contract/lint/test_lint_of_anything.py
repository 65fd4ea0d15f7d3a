"""The lint over any definition: it never raises, is never wrong about what no event can meet, and ends."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings

from catalog.contract import find_problems, lint_definition
from catalog.contract.examples.value_generation import generate_values
from catalog.contract.schema.validator import build_validator
from tests.contract.definitions import documents
from tests.exchange.real_dictionaries import LEGACY_PLAN, PUBLIC_PLAN, SPEC_PLAN, imported_entries


@settings(max_examples=300)
@given(documents())
def test_what_a_valid_event_carries_is_never_called_impossible(document):
    if find_problems(document):
        return
    found = lint_definition(document)
    assert found == lint_definition(document)
    issues = [issue for issue in found if not issue.sources]  # of the schema as it holds everywhere
    impossible = {issue.path for issue in issues if issue.code == "unsatisfiable"}
    unusable = {issue.path for issue in issues if issue.code == "unusable_value"}
    schema = document["schema"]
    validator = build_validator(schema)
    for value in generate_values(schema, schema):
        if not validator.is_valid(value):
            continue
        assert "/schema" not in impossible
        for name, member in schema["properties"].items():
            if name in value and isinstance(member, dict):
                place = "/schema/properties/" + name.replace("~", "~0").replace("/", "~1")
                assert place not in impossible
                taken = [position for position, one in enumerate(member.get("enum", ())) if one == value[name]]
                assert not any(f"{place}/enum/{position}" in unusable for position in taken if len(taken) == 1)


@pytest.mark.parametrize(
    ("importer", "place", "expected"),
    [
        # `repository` of an object that has no such property; null beside an enum without it; twice the same branch
        ("iglu", "iglu-central", {"required_undescribed": 9, "unusable_type": 3, "unusable_branch": 4}),
        # minLength of a list or number; null in the enum of a text
        ("wikimedia", "wikimedia", {"idle_keyword": 33, "unusable_value": 4}),
        ("segment", PUBLIC_PLAN, {}),
        ("segment", LEGACY_PLAN, {}),
        ("segment", SPEC_PLAN, {}),
    ],
)
def test_real_dictionaries_have_only_real_defects(importer, place, expected):
    entries = [entry for entry in imported_entries(importer, place) if entry.document is not None]
    counts = Counter(issue.code for entry in entries for issue in lint_definition(entry.document))
    assert counts == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {f"p{number}": {"type": "string", "enum": ["a", number]} for number in range(5_000)}},
        {"properties": {"p": {"enum": list(range(20_000)), "minimum": 10}}},
        {
            "$defs": {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"minLength": n}]} for n in range(60)}
            | {"d60": {}},
            "properties": {f"p{number}": {"$ref": "#/$defs/d0"} for number in range(50)},
        },
        # Eight kinds, each with a property of its own; one of a hundred properties; one of two, nine times.
        {
            "properties": {"kind": {"enum": [f"k{n}" for n in range(8)]}} | {f"p{n}": {} for n in range(8)},
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": f"k{n}"}}, "required": ["kind"]},
                    "then": {"required": [f"p{n}"]},
                }
                for n in range(8)
            ],
        },
        {"properties": {f"p{n}": {} for n in range(100)}, "anyOf": [{"required": [f"p{n}"]} for n in range(100)]},
        {
            "properties": {f"{letter}{n}": {} for n in range(9) for letter in "ab"},
            "allOf": [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(9)],
        },
    ],
)
def test_a_large_definition_ends_soon(schema):
    document = {"name": "Large", "schema": {"type": "object"} | schema}
    assert find_problems(document) == []
    started = time.perf_counter()
    lint_definition(document)
    assert time.perf_counter() - started < 5
