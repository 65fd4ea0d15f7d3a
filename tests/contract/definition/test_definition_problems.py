"""The corpus of documents: every problem is named with its place, and nothing is ever fetched."""

import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import ComparisonOutcome, InvalidDefinition, compare, compile_contract, find_problems
from tests.contract.corpus import corpus

CASES = [pytest.param(case, id=case["name"]) for case in corpus("problems")]
KEYWORDS = [
    "type", "properties", "items", "required", "$ref", "allOf", "anyOf", "not", "enum", "const", "pattern", "format",
    "additionalProperties", "patternProperties", "$defs", "minimum", "name", "call", "schema", "traits", "context",
    "per_source", "examples", "ios", "absent",
]  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([*KEYWORDS, "object", "string", "#", "#/properties/a", "(?=a)", "http://127.0.0.1:9/"])
)  # fmt: skip
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYWORDS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)


@pytest.mark.parametrize("case", CASES)
def test_problems(case):
    found = find_problems(case["document"])

    assert [[problem.path, problem.code] for problem in found] == case["problems"]
    assert all(problem.detail for problem in found)
    assert find_problems(case["document"]) == found


@pytest.mark.parametrize("case", CASES)
def test_only_documents_without_problems_compile(case):
    if not case["problems"]:
        compile_contract(case["document"])
        return
    with pytest.raises(InvalidDefinition) as caught:
        compile_contract(case["document"])
    assert caught.value.problems == find_problems(case["document"])


@given(DOCUMENTS)
def test_any_document_gets_an_answer(document):
    if not find_problems(document):
        compile_contract(document, source="ios")


@given(DOCUMENTS)
def test_any_schema_gets_an_answer(schema):
    document = {"name": "x", "schema": schema, "context": schema}
    if not find_problems(document):
        compile_contract(document)


def test_a_remote_reference_is_never_fetched(monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
    schema = {"properties": {"a": {"$ref": address}, "b": {"$ref": "#/odd"}}, "odd": {"$ref": address}}

    with listener, pytest.raises(InvalidDefinition):
        compile_contract({"name": "x", "schema": schema})
    with pytest.raises(OSError):
        listener.accept()


@pytest.mark.parametrize("depth", [200, 1_000, 100_000])
def test_a_document_of_any_depth_gets_an_answer(depth):
    schema: dict[str, object] = {}
    for _ in range(depth):
        schema = {"properties": {"a": schema}}
    assert [problem.code for problem in find_problems({"name": "x", "schema": schema})] == ["too_deep"]


def test_a_document_of_any_size_gets_an_answer():
    started = time.monotonic()
    wide = {"name": "x", "schema": {"enum": list(range(1_000_000))}}
    long = {"name": "x", "schema": {}, "description": "x" * 2_000_000}
    assert [problem.code for problem in find_problems(wide)] == ["too_large"]
    assert [problem.code for problem in find_problems(long)] == ["too_large"]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, object(), {1: 2}])
def test_what_is_not_storable_json_is_named(value):
    assert [problem.code for problem in find_problems({"name": "x", "schema": {"const": value}})] == ["not_json"]


ADDRESS = {"type": "object", "properties": {"city": {"type": "string"}}}
CONTRADICTIONS = {
    "by name": ("track", ["coupon"], ["address", "coupon"], [1]),
    "by two spellings": ("track", ["/properties/coupon"], ["coupon"], [0]),
    "by two spellings of a trait": ("identify", ["coupon"], ["/traits/coupon"], [0]),
    "inside what is absent": ("track", ["address"], ["/properties/address/city"], [0]),
    "both of two": ("track", ["coupon", "address"], ["coupon", "address"], [0, 1]),
    "only what holds it": ("track", ["/properties/address/city"], ["address"], []),
    "another": ("track", ["coupon"], ["address"], []),
}


def contradiction(call, absent, required):
    schema = {"type": "object", "properties": {"coupon": {"type": "string"}, "address": ADDRESS}}
    entry = {"absent": absent, "required": required}
    return {"name": "x", "call": call, "schema": schema, "per_source": {"ios": {}, "web": entry}}


@pytest.mark.parametrize(("call", "absent", "required", "places"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_property_is_not_required_and_absent_on_one_source(call, absent, required, places):
    document = contradiction(call, absent, required)
    assert [(problem.path, problem.code) for problem in find_problems(document)] == [
        (f"/per_source/web/required/{place}", "required_and_absent") for place in places
    ]


def test_a_version_saved_with_a_contradiction_still_compiles_and_compares():
    document = contradiction("track", ["coupon"], ["coupon"])
    for source in (None, "ios", "web"):
        compile_contract(document, source=source)
    mended = contradiction("track", ["coupon"], [])
    assert compare(document, mended, source="ios").outcome == ComparisonOutcome.EQUAL


def test_required_on_one_source_and_absent_on_another_is_no_contradiction():
    document = contradiction("track", [], ["coupon"])
    document["per_source"]["ios"] = {"absent": ["coupon"]}
    assert find_problems(document) == []
