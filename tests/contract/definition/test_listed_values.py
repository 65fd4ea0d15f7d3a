"""The texts that a definition lists as values."""

from __future__ import annotations

from typing import Any

from catalog.contract.definition.listed_values import MAX_LISTED_VALUES, MAX_VALUE_LENGTH, listed_values


def document(**members: Any) -> dict[str, Any]:
    return {"name": "Order Completed", "call": "track", "schema": {"type": "object"}, **members}


def of_property(schema: Any) -> dict[str, Any]:
    return document(schema={"type": "object", "properties": {"by": schema}})


def test_they_are_found_wherever_a_schema_lists_them() -> None:
    nested = {"type": "array", "items": {"anyOf": [{"enum": ["inner"]}, {"$ref": "#/$defs/kind"}]}}
    schema = {"type": "object", "properties": {"a": {"enum": ["outer", "both"]}, "b": nested}}
    schema["$defs"] = {"kind": {"enum": ["shared", "both"]}}
    parts = {"context": {"type": "object", "properties": {"c": {"enum": ["of the context"]}}}}
    assert set(listed_values(document(schema=schema, **parts))) == {
        "outer",
        "inner",
        "shared",
        "both",
        "of the context",
    }


def test_what_is_no_listed_text_is_left_out() -> None:
    values = ["", "  ", 1, None, True, 2.5, ["in a list"], {"in": "an object"}, "text"]
    assert listed_values(of_property({"enum": values})) == ["text"]
    # A property of that name lists nothing, and what is an example is none of the values.
    assert listed_values(document(schema={"type": "object", "properties": {"enum": {"type": "string"}}})) == []
    assert listed_values(of_property({"type": "string", "examples": [{"enum": ["shown"]}], "const": "always"})) == []


def test_they_are_as_they_are_stored() -> None:
    long = "x" * 500
    found = listed_values(of_property({"enum": ["a\0b", "\ud800", long, long + "y"]}))
    assert found == ["a\\u0000b", "\\ud800", "x" * MAX_VALUE_LENGTH]


def test_there_are_no_more_than_can_be_kept() -> None:
    found = listed_values(of_property({"enum": [f"value {number}" for number in range(MAX_LISTED_VALUES + 5)]}))
    assert len(found) == MAX_LISTED_VALUES and found[0] == "value 0"
