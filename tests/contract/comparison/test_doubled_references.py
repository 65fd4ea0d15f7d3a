"""Definitions that each refer twice to the next one: a dozen objects that are thousands of schemas when written out."""

import time

import pytest

from catalog.contract import compare, find_problems
from catalog.contract.comparison.compatibility import ComparisonOutcome
from catalog.contract.comparison.schema_normalization import normalize_schema
from catalog.contract.schema.closed_schema import close_schema
from catalog.contract.schema.complexity_limit import MAX_PROVEN_SCHEMAS, exceeds_proof_limit
from catalog.contract.schema.subschemas import distinct_schemas, walk_schema

LEVELS = 12


def doubled(reference_twice, last):
    definitions = {f"d{level}": reference_twice({"$ref": f"#/$defs/d{level + 1}"}) for level in range(LEVELS)}
    return {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/d0"}},
        "$defs": definitions | {f"d{LEVELS}": last},
    }


def in_all_of(reference):
    return {"allOf": [reference, dict(reference)]}


def in_properties(reference):
    return {"type": "object", "properties": {"left": reference, "right": dict(reference)}}


def test_what_is_written_out_at_many_places_stays_one_object():
    schema = normalize_schema(doubled(in_all_of, {"type": "string"}))
    assert sum(1 for _ in walk_schema(schema)) > 2**LEVELS
    assert len(list(distinct_schemas(schema))) < 3 * LEVELS
    assert len(list(distinct_schemas(close_schema(schema).schema))) < 3 * LEVELS


def test_what_leads_back_to_itself_is_written_out_from_where_it_is_entered():
    tree = {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}}}
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/tree"}, "b": {"$ref": "#/$defs/tree"}}}
    normalized = normalize_schema(schema | {"$defs": {"tree": tree}})
    assert normalized["properties"] == {"a": tree, "b": tree}


@pytest.mark.parametrize("reference_twice", [in_all_of, in_properties])
def test_comparing_them_ends_soon(reference_twice):
    old, new = ({"name": "A", "schema": doubled(reference_twice, {"type": each})} for each in ("string", "number"))
    assert find_problems(old) == []
    started = time.thread_time()
    assert compare(old, new).outcome in (ComparisonOutcome.BREAKING, ComparisonOutcome.UNPROVEN)
    assert compare(old, old | {"schema": old["schema"] | {"maxProperties": 3}}).outcome != ComparisonOutcome.COMPATIBLE
    assert time.thread_time() - started < 20


def test_references_that_become_ten_thousands_of_schemas_are_not_proven() -> None:
    circles = {
        f"d{n}": {"anyOf": [{"properties": {"x": {"$ref": f"#/$defs/d{(n * 7 + 3) % 29}"}}}, {"minLength": n}]}
        for n in range(29)
    }
    wide = {"properties": {f"p{n}": {"type": "string"} for n in range(MAX_PROVEN_SCHEMAS)}}
    assert exceeds_proof_limit(wide)
    assert not exceeds_proof_limit({"properties": {f"p{n}": {"type": "string"} for n in range(5_000)}})
    assert not exceeds_proof_limit({"$defs": circles, "properties": {"a": {"$ref": "#/$defs/d0"}}})
