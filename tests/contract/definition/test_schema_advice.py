"""What people are told who write a schema in the words of another language or of an older draft."""

from typing import Any

import pytest

from catalog.contract import find_problems


def document(schema: Any) -> dict[str, Any]:
    return {"name": "Order Completed", "call": "track", "kind": "standard", "schema": schema}


CASES: list[tuple[Any, str]] = [
    ({"type": "float"}, '"float" is no type. Write "number".'),
    ({"type": "Integer"}, '"Integer" is no type. Write "integer".'),
    ({"type": "int"}, 'Write "integer".'),
    ({"type": "bool"}, 'Write "boolean".'),
    ({"type": "timestamp"}, 'Write "string" with the format "date-time".'),
    ({"type": ["string", "list"]}, '"list" is no type. Write "array".'),
    ({"type": "colour"}, '"colour" is no type. There are string, number, integer'),
    ({"type": "any"}, "Where any value may come, leave type out."),
    ({"type": []}, "names at least one of string"),
    ({"type": ["string", "string"]}, "names each of them once"),
    ({"type": 5}, "5 is no type."),
    ({"type": None}, "null is no type."),
    ({"type": {"a": 1}}, "is no type."),
    ({"type": "x" * 5_000}, "is no type."),
    ("string", '"string" is no schema. Write {"type": "string"}.'),
    (["string"], "is no schema: an object, true or false."),
    ({"items": [{"type": "string"}]}, "prefixItems"),
    ({"type": "string", "required": True}, 'stand in a list beside "properties"'),
    ({"minimum": 1, "exclusiveMinimum": True}, "exclusiveMinimum is the bound itself"),
    ({"anyOf": ["string"]}, '"string" is no schema.'),
    ({"maxLength": "10"}, '"10" is a text. Write 10, without quotes.'),
    ({"maxLength": "red"}, '"red" is not of type "integer"'),
    ({"maxLength": 1.5}, '1.5 is not of type "integer"'),
    ({"minimum": " 0.5"}, "Write 0.5, without quotes."),
    ({"minimum": "1e999"}, '"1e999" is not of type "number"'),
    ({"minProperties": "1"}, "Write 1, without quotes."),
    ({"minContains": "2"}, "Write 2, without quotes."),
    ({"uniqueItems": "True"}, "Write true, without quotes."),
    ({"deprecated": "2024-01-01"}, '"2024-01-01" is not of type "boolean"'),
    ({"type": "object", "additionalProperties": "false"}, "Write false, without quotes."),
    ({"type": "object", "additionalProperties": "no"}, '"no" is no schema: an object, true or false.'),
    ({"prefixItems": {"type": "string"}}, "prefixItems is a list of schemas, as in prefixItems: ["),
    ({"oneOf": {"type": "string"}}, "oneOf is a list of schemas"),
    ({"required": "id"}, 'required is a list of names, as in required: ["id"].'),
    ({"required": [1]}, '1 is not of type "string"'),
    ({"dependentRequired": {"a": "b"}}, 'maps a name to a list of names, as in {"a": ["id"]}.'),
    ({"dependentSchemas": {"a": ["b"]}}, "stands in dependentRequired."),
    ({"$ref": 3}, '3 is not of type "string"'),
    ({"$anchor": 3}, '3 is not of type "string"'),
    ({"properties": {"required": ["id"]}}, 'If the keyword is meant, it stands beside "properties".'),
    ({"properties": {"type": "object"}}, 'Among the properties, "type" is the name of one, and "object" is no schema.'),
    ({"properties": {"items": [{}]}}, 'Among the properties, "items" is the name of one'),
    ({"properties": {"total": "number"}}, '"number" is no schema. Write {"type": "number"}.'),
    ({"properties": {"properties": {"not": "x"}}}, '"x" is no schema: an object, true or false.'),
    ({"$defs": {"required": ["id"]}}, '["id"] is no schema: an object, true or false.'),
]


@pytest.mark.parametrize(("schema", "expected"), CASES)
def test_it_says_what_would_do(schema: Any, expected: str) -> None:
    details = [problem.detail for problem in find_problems(document({"type": "object", "properties": {"a": schema}}))]
    assert any(expected in detail for detail in details), details
    assert not any("anyOf" in detail or len(detail) > 600 for detail in details)


def test_a_property_that_is_called_type_is_no_type() -> None:
    schema = {"type": "object", "properties": {"type": {"type": "string"}, "properties": {"type": "array"}}}
    assert find_problems(document(schema)) == []
    schema = {"type": "object", "properties": {"properties": {"type": "float"}}}
    (problem,) = find_problems(document(schema))
    assert problem.path == "/schema/properties/properties/type"
    assert 'Write "number".' in problem.detail
