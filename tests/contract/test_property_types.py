"""The properties of a definition with their types, and which types contradict each other."""

import pytest
from hypothesis import given

from catalog.contract import find_problems, list_properties
from catalog.contract.property_types import property_types, types_contradict
from tests.contract.definitions import documents


@pytest.mark.parametrize(
    ("here", "library", "contradicts"),
    [
        ("string", "string", False),
        ("string", "number", True),
        ("integer", "number", False),
        ("number", "integer", True),
        ("string or null", "string", False),
        ("string", "string or null", False),
        ("null", "string", False),
        ("string or number", "string", True),
        ("string", "string or number", False),
        ("any", "string", False),
        ("string", "any", False),
        ("array of string", "array", False),
        ("array", "array of string", False),
        ("array of string", "array of number", True),
        ("array of integer", "array of number", False),
        ("array of array of string", "array of array of number", True),
        ("array of string", "string", True),
        ("string", "array of string", True),
        ("object", "string", True),
    ],
)
def test_types_contradict_where_one_lets_in_what_the_other_does_not(here, library, contradicts):
    assert types_contradict(here, library) is contradicts


def test_properties_are_listed_wherever_they_are_said():
    document = {
        "name": "A",
        "call": "track",
        "kind": "standard",
        "schema": {
            "type": "object",
            "$defs": {"money": {"type": "object", "properties": {"currency": {"type": "string"}}}},
            "properties": {
                "total": {"type": "number"},
                "price": {"$ref": "#/$defs/money"},
                "products": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            },
            "allOf": [{"properties": {"coupon": {"enum": ["a", 1]}}}],
        },
        "context": {"type": "object", "properties": {"locale": {"type": ["string", "null"]}}},
    }
    found = {each.path: each.type_label for each in property_types(document)}
    assert found == {
        "/properties/total": "number",
        "/properties/price": "object",
        "/properties/price/currency": "string",
        "/properties/products": "array of object",
        "/properties/products/*/sku": "string",
        "/properties/coupon": "integer or string",
        "/context/locale": "string or null",
    }
    assert set(found) == {line.path for line in list_properties(document)}


def test_a_property_that_holds_its_own_kind_is_listed_once():
    node = {"type": "object", "properties": {"child": {"$ref": "#"}}}
    document = {"name": "A", "call": "track", "kind": "standard", "schema": node}
    assert [each.path for each in property_types(document)] == ["/properties/child"]


@given(documents())
def test_of_any_definition_the_properties_are_those_that_are_listed(document):
    if find_problems(document):
        return
    listed = {line.path: line.type_label for line in list_properties(document)}
    found = {each.path: each.type_label for each in property_types(document)}
    assert found.items() <= listed.items()
