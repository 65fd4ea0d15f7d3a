"""How people see a definition: its properties in lines, and what differs from the one before."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import definition_hash, diff, for_source, list_properties, part_schemas
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
