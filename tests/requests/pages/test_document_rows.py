"""Rows of properties and definition documents: there and back."""

from typing import Any

import pytest

from catalog.contract.property_listing import type_label
from catalog.contract.schema.rule_descriptions import describe_type
from tests.factories.catalog import definition
from tracking.requests.pages.forms.document_rows import (
    PropertyRow,
    document_with_rows,
    main_schema,
    rows_from_document,
)
from tracking.requests.pages.forms.property_kinds import PROPERTY_KINDS, parse_value

ODD = {
    "type": "object",
    "required": ["elsewhere", "price"],
    "additionalProperties": False,
    "properties": {
        "price": {"type": "number", "minimum": 1, "examples": [2, 3], "title": "Price"},
        "sizes": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "maybe": {"type": ["null", "string"], "enum": ["a", None]},
        "comma": {"type": "string", "enum": ["a, b", "c"]},
        "ref": {"$ref": "#/$defs/x"},
        "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
        "nested": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
        "mail": {"type": "string", "format": "email"},
        "open": True,
    },
    "$defs": {"x": {"type": "string"}},
}


@pytest.mark.parametrize(
    "document", [definition(), definition(schema=ODD), definition(call="identify", name="identify")]
)
def test_rows_that_nobody_touched_leave_the_document_as_it_was(document):
    assert document_with_rows(document, rows_from_document(document)) == document


def test_rows_show_what_they_can_and_name_what_they_cannot():
    rows = {row.name: row for row in rows_from_document(definition(schema=ODD))}
    assert (rows["price"].example, rows["price"].other_constraints) == ("2", "at least 1")
    assert (rows["sizes"].kind, rows["maybe"].kind, rows["mail"].kind) == ("strings", "string-null", "string")
    assert rows["maybe"].allowed == "a, null"
    assert (rows["comma"].allowed, rows["comma"].other_constraints) == ("", 'one of "a, b", "c"')
    assert [name for name, row in rows.items() if row.is_locked] == ["ref", "either", "open"]
    assert rows["nested"].other_constraints == "1 inner properties"


def test_another_kind_begins_anew():
    document = document_with_rows(
        definition(), [PropertyRow("total", original_name="total", kind="string", allowed="much, little")]
    )
    assert document["schema"] == {
        "type": "object",
        "properties": {"total": {"type": "string", "enum": ["much", "little"]}},
    }


def test_only_the_first_example_is_the_rows():
    rows = [row for row in rows_from_document(definition(schema=ODD)) if row.name == "price"]
    changed = document_with_rows(definition(schema=ODD), [PropertyRow(**{**_fields(rows[0]), "example": "5"})])
    assert changed["schema"]["properties"]["price"]["examples"] == [5, 3]


def _fields(row):
    return {name: getattr(row, name) for name in PropertyRow.__dataclass_fields__}


@pytest.mark.parametrize("schema", [{"$ref": "#/$defs/x"}, True, {"type": "array"}, {"properties": []}])
def test_a_schema_of_another_shape_has_no_rows(schema):
    assert rows_from_document(definition(schema=schema)) is None


def test_too_many_properties_have_no_rows():
    many = {f"p{number}": {"type": "string"} for number in range(61)}
    assert rows_from_document(definition(schema={"type": "object", "properties": many})) is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " 12 ", "12"),
        ("integer", "12", 12),
        ("number", "1e3", 1000.0),
        ("boolean", "Yes", True),
        ("strings", "a, b", ["a", "b"]),
        ("strings", '["a"]', ["a"]),
        ("array", "[1]", [1]),
        ("object", '{"a": 1}', {"a": 1}),
        ("number-null", "null", None),
        ("any", "plain", "plain"),
        ("any", "5", 5),
    ],
)
def test_values_are_read_as_people_type_them(kind, text, value):
    assert parse_value(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [("integer", "1.5"), ("integer", "true"), ("number", "NaN"), ("boolean", "1"), ("object", "[]"), ("array", "x")],
)
def test_what_is_no_such_value_is_told(kind, text):
    with pytest.raises(ValueError, match="is n"):
        parse_value(kind, text)


def test_every_kind_is_read_back_as_itself():
    for kind, (_label, fragment) in PROPERTY_KINDS.items():
        document = definition(schema={"type": "object", "properties": {"p": fragment}})
        assert [row.kind for row in rows_from_document(document) or ()] == [kind]


@pytest.mark.parametrize(
    ("label", "fragment"), [pair for kind, pair in PROPERTY_KINDS.items() if "format" not in pair[1]]
)
def test_the_form_calls_a_type_what_every_page_calls_it(label, fragment):
    assert describe_type(type_label(fragment, fragment)) == label


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("integer or string", "Whole number or text"),
        ("array of object", "List of objects"),
        ("array of array of integer or null", "List of lists of whole numbers or nothing"),
        ("something new", "Something new"),
    ],
)
def test_types_are_said_in_words(label, told):
    assert describe_type(label) == told


ANY_JSON: tuple[Any, ...] = (
    None,
    True,
    5,
    1.5,
    "",
    "track",
    [],
    ["total"],
    [[]],
    [{}],
    [None],
    {},
    {"total": [1]},
    {"total": {}},
)
KEYWORDS = ("type", "properties", "required", "$ref", "items", "enum", "format", "examples", "description", "minimum")


def documents_with(value):
    """Definitions that hold a value where they hold something else, at one place after the other."""
    for member in ("name", "call", "kind", "schema", "traits", "context", "per_source"):
        yield definition() | {member: value}
        yield definition(call="identify") | {member: value}
    for keyword in KEYWORDS:
        schema = definition()["schema"]
        yield definition(schema=schema | {keyword: value})
        for inner in ({}, {"type": "string"}, {"type": "array", "items": {}}, {"type": "object"}):
            yield definition(schema=schema | {"properties": {"total": inner | {keyword: value}}})


@pytest.mark.parametrize("value", ANY_JSON, ids=repr)
def test_whatever_a_definition_holds_rows_show_it_or_leave_it_to_json(value):
    for document in documents_with(value):
        rows = rows_from_document(document)
        if rows is not None:
            saved = document_with_rows(document, rows)
            assert main_schema(saved)["properties"] == main_schema(document).get("properties", {})
