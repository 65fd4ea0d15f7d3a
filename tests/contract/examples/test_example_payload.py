"""Examples keep to their own definition, on made-up schemas and on every real one in the test data."""

import json
from pathlib import Path

import pytest
import yaml

from catalog.contract import Event, compile_contract, example_payload, find_problems
from catalog.contract.examples.pattern_text import matching_text
from catalog.contract.examples.value_generation import generate_values
from tests.contract.corpus import corpus

DATA = Path(__file__).parents[2] / "data"
REAL = sorted(
    path
    for path in (
        *DATA.glob("iglu-central/schemas/*/*/jsonschema/*"),
        *DATA.glob("wikimedia/*/jsonschema/**/*.*.*.yaml"),
    )
    if path.is_file()
)
DOCUMENTS = [group["definition"] for group in corpus("verdicts")] + [case["new"] for case in corpus("comparisons")]


def is_valid(document, payload):
    return compile_contract(document).is_valid_strictly(Event(call=document.get("call", "track"), **payload))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_examples_keep_to_their_definition(document):
    assert is_valid(document, example_payload(document))


def test_examples_keep_to_every_real_definition():
    assert len(REAL) > 200
    tried = 0
    for path in REAL:
        text = path.read_text()
        schema = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
        document = {"name": "x", "schema": schema | {"examples": []}}
        if not find_problems(document):
            tried += 1
            assert is_valid(document, example_payload(document)), path
    assert tried > len(REAL) / 2


def test_its_own_example_comes_first_where_it_fits():
    schema = {"properties": {"a": {"type": "integer"}}}
    own = {"name": "x", "schema": schema, "examples": [{"a": "wrong"}, {"a": 41}]}

    assert example_payload(own) == {"properties": {"a": 41}}
    assert example_payload(own | {"examples": [{"properties": {"a": 42}}]}) == {"properties": {"a": 42}}
    assert example_payload(own | {"call": "identify"}) == {"traits": {"a": 41}}


def test_where_nothing_fits_there_is_no_example():
    impossible = {"name": "x", "schema": {"allOf": [{"required": ["a"]}, {"not": {"required": ["a"]}}]}}

    assert example_payload(impossible) == {}
    assert example_payload(impossible | {"examples": [{"b": 1}]}) == {}
    assert example_payload({"name": "x", "schema": {}, "context": {"enum": ["no object"]}}) == {}


def test_an_example_of_a_part_is_an_object_though_its_schema_takes_other_values():
    assert example_payload({"name": "x", "schema": {}}) == {"properties": {}}
    assert example_payload({"name": "x", "schema": {"type": ["null", "object"], "minProperties": 0}}) == {
        "properties": {}
    }


TEXTS = {name: {"type": "string"} for name in ("email", "phone", "id", "sku")}
EITHER = [{"anyOf": [{"required": ["email"]}, {"required": ["phone"]}]}]
BOTH = [*EITHER, {"anyOf": [{"required": ["id"]}, {"required": ["sku"]}]}]
NESTED_CHOICES = {"oneOf": [{"required": ["id"]}, {"allOf": [{"anyOf": [{"required": ["sku"]}]}]}]}


def wide_choices(count):
    """A schema whose branches combine in 2 ** count ways."""
    names = [f"{letter}{number}" for number in range(count) for letter in "ab"]
    choices = [{"anyOf": [{"required": [f"a{number}"]}, {"required": [f"b{number}"]}]} for number in range(count)]
    return {"properties": {name: {"type": "string"} for name in names}, "allOf": choices}


def nested_choices(levels):
    """A schema whose branches multiply from level to level."""
    schema: dict = {"type": "string"}
    for _ in range(levels):
        schema = {
            "anyOf": [{"properties": {"a": schema, "b": schema}}, {"required": ["a"], "properties": {"a": schema}}]
        }
    return schema


BRANCHING = {
    "the same choice inside": {"anyOf": [{}, {}], "allOf": [{"anyOf": [{}, {}]}]},
    "one of each pair": {"properties": TEXTS, "allOf": BOTH},
    "one of each pair, below": {"properties": {"user": {"properties": TEXTS, "allOf": BOTH}}, "required": ["user"]},
    "choices of both kinds": {"properties": TEXTS, "allOf": [NESTED_CHOICES, *BOTH], "anyOf": [{}, {"allOf": BOTH}]},
    "a choice by reference": {"$defs": {"c": {"anyOf": [{}, {"allOf": EITHER}]}}, "properties": TEXTS,
                              "$ref": "#/$defs/c", "allOf": [{"$ref": "#/$defs/c"}, *BOTH]},
    "two hundred choices": wide_choices(200),
    "choices on six levels": nested_choices(6),
    "three thousand branches": {"allOf": [{"type": "object"}] * 3_000},
}  # fmt: skip


@pytest.mark.parametrize("schema", BRANCHING.values(), ids=BRANCHING)
def test_branches_inside_branches_come_to_an_end(schema):
    document = {"name": "x", "schema": schema}

    payload = example_payload(document)

    assert payload
    assert is_valid(document, payload)
    assert payload == example_payload(document)


ENDLESS = {
    "texts in lists in lists": {"type": "array", "minItems": 1_000, "items": {"type": "array", "minItems": 1_000,
        "items": {"type": "array", "minItems": 1_000, "items": {"type": "string", "minLength": 9_000}}}},
    "references that double": {"$ref": "#/$defs/0"},
}  # fmt: skip


@pytest.mark.parametrize("inner", ENDLESS.values(), ids=ENDLESS)
def test_where_the_budget_does_not_suffice_there_is_no_example(inner):
    doubling: dict = {
        str(i): {"anyOf": [{"$ref": f"#/$defs/{i + 1}"}, {"$ref": f"#/$defs/{i + 1}"}]} for i in range(11)
    }
    definitions = doubling | {"11": {"not": {}}}
    document = {"name": "x", "schema": {"properties": {"a": inner}, "required": ["a"], "$defs": definitions}}

    assert example_payload(document) == {}


def test_the_budget_is_counted_in_steps():
    schema = {"properties": {name: {"enum": [name, 1, 2]} for name in "abcdef"}}

    few, many = (generate_values(schema, schema, max_steps=steps) for steps in (60, 100_000))

    assert generate_values(schema, schema, max_steps=0) == []
    assert 0 < len(few) < len(many)
    assert few == generate_values(schema, schema, max_steps=60)


def test_a_property_that_takes_the_whole_budget_leaves_something_for_the_next():
    deep = {"type": "array", "minItems": 900, "items": {"enum": [[number] * 40 for number in range(30)]}}
    schema = {"properties": {"a": deep, "b": {"const": 7}}, "required": ["b"]}

    assert example_payload({"name": "x", "schema": schema})["properties"]["b"] == 7


def test_a_source_has_its_own_example():
    document = {"name": "x", "schema": {"properties": {"a": {"const": 1}}}, "per_source": {"ios": {"absent": ["a"]}}}

    assert example_payload(document) == {"properties": {"a": 1}}
    assert example_payload(document, source="ios") == {"properties": {}}


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{2}$", "^a+$", r"^\d{3}-\d{4}$", "^(foo|bar)baz?$", "^[^0-9]$", r"^\+?[1-9][0-9]{1,14}$", "a|b",
        r"^v\d+\.\d+(\.\d+)?$", "^(?:x|y){3}$", r"^[a-f0-9-]{36}$", r"^https?://[^/]+/", "^$", "",
        r"^[\w.]+@[\w.]+$", "^[]a]$", "^(?P<year>[0-9]{4})$",
    ],
)  # fmt: skip
def test_texts_that_match_a_pattern(pattern):
    text = matching_text(pattern)
    schema = {"properties": {"a": {"type": "string", "pattern": pattern}}}

    assert text is not None
    assert compile_contract({"name": "x", "schema": schema}).is_valid_strictly(
        Event(call="track", properties={"a": text})
    )


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"\p{L}", "[a", "a{9999}{9999}", "(" * 1_000, "\\"])
def test_patterns_that_are_given_up(pattern):
    assert matching_text(pattern) is None
