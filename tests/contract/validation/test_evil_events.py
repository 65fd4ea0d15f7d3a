"""Whatever comes, an event gets a verdict: never an exception, never a long wait."""

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import Event, ParseError, Verdict, compile_contract, sanitize
from tests.contract.corpus import corpus

CONTRACTS = [compile_contract(group["definition"]) for group in corpus("verdicts")]
ADDRESS = {"type": "object", "properties": {"city": {"type": "string"}, "near": {"$ref": "#/$defs/address"}}}
RECURSIVE = compile_contract(
    {"name": "x", "schema": {"properties": {"address": {"$ref": "#/$defs/address"}}, "$defs": {"address": ADDRESS}}}
)
NAMES = st.sampled_from(
    [name for group in corpus("verdicts") for name in group["definition"]["schema"].get("properties", {})]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner) | st.dictionaries(NAMES | st.text(alphabet=st.characters(exclude_categories=())), inner)
    ),
    max_leaves=30,
)


def nested(depth, key=None):
    value: object = 1
    for _ in range(depth):
        value = [value] if key is None else {key: value}
    return value


def checked(contract, properties):
    """Check twice, so that the order is seen to be stable; every text is bounded and can be stored."""
    event = Event(call="track", event="x", properties=properties, context=properties, traits=properties)
    judgement = contract.check(event)
    assert contract.check(event) == judgement
    assert (judgement.violations == ()) == contract.is_valid_strictly(event)
    for found in judgement.violations:
        assert len(found.path) <= 600
        assert len(found.definition_path) <= 600
        assert len(found.expected) <= 200
        assert len(found.came) <= 200
        assert "\0" not in json.dumps(found.as_json(), ensure_ascii=False).encode().decode()
    return judgement


@given(ANYTHING, st.sampled_from(CONTRACTS))
def test_any_properties_get_a_verdict(properties, contract):
    assert checked(contract, properties).verdict in (Verdict.CONFORMING, Verdict.NONCONFORMING)


@given(st.dictionaries(NAMES, ANYTHING), st.sampled_from(CONTRACTS))
def test_any_values_of_known_properties_get_a_verdict(properties, contract):
    assert checked(contract, properties).verdict in (Verdict.CONFORMING, Verdict.NONCONFORMING)


@given(ANYTHING)
def test_anything_becomes_storable(value):
    kept = sanitize(value)
    text = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text.replace("\\\\u0000", "")
    text.encode()
    assert sanitize(kept) == kept


@pytest.mark.parametrize("depth", [250, 256, 1_000, 20_000])
@pytest.mark.parametrize("key", [None, "near"])
def test_depth(depth, key):
    for contract in (*CONTRACTS, RECURSIVE):
        checked(contract, {"address": nested(depth, key), "anything": nested(depth, key)})


def test_too_deep_for_a_schema_that_refers_to_itself_is_malformed():
    judgement = checked(RECURSIVE, {"address": nested(1_000, "near")})

    assert judgement.verdict is Verdict.NONCONFORMING
    assert judgement.violations[0].rule == "malformed"
    assert judgement.violations[0].path == "/properties"


@pytest.mark.parametrize(
    "number",
    [10**400, -(10**400), 10**5_000, math.nan, math.inf, 1e308, 5e-324],
    ids=lambda number: f"{number:.3g}" if isinstance(number, float) else "huge",
)
def test_numbers(number):
    for contract in CONTRACTS:
        checked(contract, {"total": number, "low": number, "step": number, "many": number})


@pytest.mark.parametrize(
    "text",
    ["\0", "\ud800", "x" * 1_000_000, "é" * 10_000, "a\u0301" * 1_000],
    ids=["nul", "surrogate", "long", "accents", "marks"],
)
def test_texts_and_keys(text):
    for contract in CONTRACTS:
        checked(contract, {text: text, "order_id": text, "link": text, "names": {text: text}})


def test_a_pattern_that_backtracks_for_ever_elsewhere():
    contract = compile_contract(
        {"name": "x", "schema": {"properties": {"a": {"pattern": "^(a+)+$"}, "b": {"pattern": "(x+x+)+y"}}}}
    )
    started = time.monotonic()

    judgement = checked(contract, {"a": "a" * 1_000_000 + "b", "b": "x" * 1_000_000})

    assert [found.rule for found in judgement.violations] == ["pattern", "pattern"]
    assert time.monotonic() - started < 5


def test_many_violations_are_cut_and_still_nonconforming():
    contract = compile_contract({"name": "x", "schema": {"properties": {"a": {"items": {"type": "string"}}}}})

    judgement = checked(contract, {"a": [1] * 4_000})

    assert judgement.verdict is Verdict.NONCONFORMING
    assert len(judgement.violations) == 1_000
    assert {found.definition_path for found in judgement.violations} == {"/properties/a/*"}


def test_of_very_large_properties_the_first_violation_is_told():
    item = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    contract = compile_contract({"name": "x", "schema": {"properties": {"a": {"items": item}, "b": {"type": "array"}}}})
    started = time.monotonic()

    judgement = checked(contract, {"a": [1] * 500_000})
    unknown = checked(contract, {"b": [1] * 500_000, "c": 1})

    assert [found.path for found in judgement.violations] == ["/properties/a/0"]
    assert judgement.verdict is Verdict.NONCONFORMING
    assert [found.path for found in unknown.violations] == ["/properties/c"]
    assert unknown.verdict is Verdict.CONFORMING
    assert time.monotonic() - started < 5


def test_many_unknown_keys_are_cut_and_still_conforming():
    judgement = checked(compile_contract({"name": "x", "schema": {}}), {f"k{number}": 1 for number in range(50_000)})

    assert judgement.verdict is Verdict.CONFORMING
    assert 0 < len(judgement.violations) <= 1_000


@pytest.mark.parametrize("pointer", ["", "/", "/user_id", "/properties/a/0", "/nowhere/at/all", "no pointer"])
def test_faults_anywhere_make_it_nonconforming(pointer):
    event = Event(call="track", properties={"a": [1]}, parse_errors=(ParseError(pointer, "NaN is not JSON"),))

    judgement = compile_contract({"name": "x", "schema": {}}).check(event)

    assert judgement.verdict is Verdict.NONCONFORMING
    assert [found.path for found in judgement.errors] == [pointer]
    assert [found.rule for found in judgement.errors] == ["malformed"]
