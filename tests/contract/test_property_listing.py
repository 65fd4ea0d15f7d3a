"""How people see a definition: its properties in lines, and what differs from the one before."""

import copy
from time import thread_time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import (
    VersionBump,
    compare,
    definition_hash,
    diff,
    find_problems,
    for_source,
    list_properties,
    part_schemas,
)
from catalog.contract.property_listing import type_label
from catalog.contract.property_types import property_types
from tests.contract.corpus import corpus

ORDER = corpus("verdicts")[0]["definition"]
BRANCHES = corpus("verdicts")[1]["definition"]


def line(document, path):
    return next(each for each in list_properties(document) if each.path == path)


def test_lines_of_nested_properties():
    assert [(each.path, each.type_label, each.is_required, each.depth) for each in list_properties(ORDER)] == [
        ("/properties/order_id", "string", True, 0),
        ("/properties/total", "number", True, 0),
        ("/properties/currency", "string", False, 0),
        ("/properties/coupon", "string or null", False, 0),
        ("/properties/ordered_at", "string", False, 0),
        ("/properties/products", "array of object", False, 0),
        ("/properties/products/*/sku", "string", True, 1),
        ("/properties/products/*/quantity", "integer", False, 1),
    ]
    assert line(ORDER, "/properties/order_id").constraints == ["at least 3 characters"]
    assert line(ORDER, "/properties/currency").constraints == ['one of "EUR", "USD"']
    assert line(ORDER, "/properties/products").constraints == ["at most 3 items"]
    assert line(ORDER, "/properties/ordered_at").example == "2026-03-14T09:26:53Z"


def test_lines_behind_references_branches_and_free_keys():
    paths = [each.path for each in list_properties(BRANCHES)]

    assert "/properties/address/city" in paths
    assert "/properties/address/near" in paths
    assert "/properties/address/near/city" not in paths  # its own kind again
    assert "/properties/maybe/city" in paths
    assert "/properties/both/floor" in paths
    assert "/properties/by_code/?/n" in paths
    assert line(BRANCHES, "/properties/maybe").type_label == "object or null"
    assert line(BRANCHES, "/properties/prices/?").type_label == "number"
    assert line(BRANCHES, "/properties/both/city").is_required
    assert line(BRANCHES, "/properties/never").type_label == "nothing"
    assert len(paths) == len(set(paths))


def test_diff_property_by_property():
    new = copy.deepcopy(ORDER)
    properties = new["schema"]["properties"]
    del properties["coupon"]
    properties["total"] = {"type": "integer", "minimum": 5, "description": "With tax"}
    properties["products"]["items"]["properties"]["price"] = {"type": "number"}
    new["schema"]["required"] = ["total"]
    new["schema"]["additionalProperties"] = False
    new |= {"unit": "EUR", "title": "An order", "per_source": {}}

    found = [(each.kind, each.path, each.field, each.before, each.after) for each in diff(ORDER, new)]

    assert found == [
        ("changed", "", "unit", None, "EUR"),
        ("words", "", "title", None, "An order"),
        (
            "changed",
            "",
            "per_source ios-app",
            '{"required": ["currency", "/properties/products/*/quantity"], "absent": ["coupon"]}',
            None,
        ),
        ("changed", "/properties", "additionalProperties", None, "false"),
        ("changed", "/properties/order_id", "required", "required", "optional"),
        ("changed", "/properties/total", "type", "number", "integer"),
        ("changed", "/properties/total", "minimum", "0", "5"),
        ("words", "/properties/total", "description", None, "With tax"),
        ("added", "/properties/products/*/price", "", None, "Number, optional"),
        ("removed", "/properties/coupon", "", "Text or nothing, optional, matches ^[A-Z]+$", None),
    ]


def test_without_an_old_one_everything_is_added():
    added = [each.path for each in diff(None, ORDER) if each.kind == "added"]
    assert added == [each.path for each in list_properties(ORDER)]


def test_rules_between_properties_are_told_of_the_part():
    new = copy.deepcopy(ORDER)
    new["schema"]["dependentRequired"] = {"coupon": ["total"]}
    assert [(each.path, each.field) for each in diff(ORDER, new)] == [("/properties", "dependentRequired")]


def test_nothing_differs_from_itself():
    for document in (ORDER, BRANCHES):
        assert diff(document, copy.deepcopy(document)) == []


def test_for_source_leaves_the_document_alone():
    before = copy.deepcopy(ORDER)
    ios = for_source(ORDER, "ios-app")

    assert before == ORDER
    assert "per_source" not in ios
    assert "coupon" not in part_schemas(ios)["properties"]["properties"]
    assert part_schemas(ios)["properties"]["required"] == ["order_id", "total", "currency"]
    assert for_source(ORDER, "web") == for_source(ORDER, None)


def test_a_required_property_is_not_required_where_it_is_absent():
    schema = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"]}
    document = {"name": "x", "schema": schema, "per_source": {"ios": {"absent": ["a"]}}}
    assert for_source(document, "ios")["schema"] == {"type": "object", "properties": {"b": {}}, "required": ["b"]}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_the_hash_knows_no_order_of_members(value):
    def turned(each):
        if isinstance(each, dict):
            return {key: turned(each[key]) for key in reversed(each)}
        return [turned(item) for item in each] if isinstance(each, list) else each

    document = {"name": "x", "schema": {"const": value}}
    assert definition_hash(turned(document)) == definition_hash(document)
    assert definition_hash({"name": "y", "schema": {"const": value}}) != definition_hash(document)


def test_lists_that_hold_each_other_have_a_type() -> None:
    lists = {
        "a": {"type": "array", "items": {"$ref": "#/$defs/b"}},
        "b": {"type": "array", "items": {"$ref": "#/$defs/a"}},
    }
    schema = {"type": "object", "$defs": lists, "properties": {"p": {"$ref": "#/$defs/a"}, "q": {"$ref": "#/$defs/b"}}}
    document = {"name": "Lists", "schema": schema}
    assert find_problems(document) == []
    assert {line.type_label for line in list_properties(document)} == {"array of " * 4 + "array"}
    assert [each.type_label for each in property_types(document)] == ["array of " * 4 + "array"] * 2
    renamed = {"name": "Lists", "schema": schema | {"properties": {"p": {"$ref": "#/$defs/a"}}}}
    assert diff(document, renamed)


def test_lists_in_lists_are_named_as_deep_as_the_coordinates_of_places() -> None:
    schema: dict[str, Any] = {"type": "number"}
    for _ in range(4):
        schema = {"type": "array", "items": schema}
    assert type_label(schema, schema) == "array of array of array of array of number"


def test_definitions_that_hold_their_own_kind_are_listed_and_compared_soon() -> None:
    node = {
        "type": "object",
        "properties": {"f": {"$ref": "#/$defs/t"}, "e": {"$ref": "#/$defs/t"}},
        "required": ["c", "g"],
        "additionalProperties": {"$ref": "#/$defs/t"},
        "oneOf": [{"required": ["a"]}, {"properties": {"a": {"anyOf": [{"$ref": "#/$defs/t"}, {"type": "null"}]}}}],
    }
    properties = {"x": {"$ref": "#/$defs/t"}, "y": {"items": {"$ref": "#/$defs/t"}, "minItems": 4}}
    document, changed = (
        {"name": "Tree", "schema": {"type": "object", "$defs": {"t": node | extra}, "properties": properties}}
        for extra in ({}, {"minProperties": 2})
    )
    assert find_problems(document) == []
    began = thread_time()
    assert list_properties(document)
    assert compare(document, changed).version_bump == VersionBump.PATCH  # two keys are required
    assert thread_time() - began < 5


def test_examples_end_and_lines_do_not() -> None:
    anything: dict[str, Any] = {"anyOf": [{}, {"minLength": 1}, {"items": {}}]}
    wide = {"properties": {f"k{n}": {"allOf": [anything] * 6} for n in range(12)}}
    document = {"name": "Wide", "schema": {"type": "object", "properties": {f"p{n}": wide for n in range(60)}}}
    began = thread_time()
    lines = list_properties(document)
    assert thread_time() - began < 5
    assert len(lines) == 60 * 13
    assert lines[0].example is not None
