"""Examples keep to their own definition, on made-up schemas and on every real one in the test data."""

import json
from pathlib import Path

import pytest
import yaml

from catalog.contract import Event, compile_contract, example_payload, find_problems
from catalog.contract.examples.pattern_text import matching_text
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


def test_where_nothing_fits_the_own_example_is_shown():
    impossible = {"name": "x", "schema": {"allOf": [{"required": ["a"]}, {"not": {"required": ["a"]}}]}}

    assert not is_valid(impossible, example_payload(impossible))
    assert example_payload(impossible | {"examples": [{"b": 1}]}) == {"properties": {"b": 1}}


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
