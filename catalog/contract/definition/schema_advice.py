"""What is wrong with a schema, in words of people: what other languages and older drafts write, and what would do."""

from typing import Any

import jsonschema_rs

from catalog.contract.json.text import json_text, truncate_text

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")

_ALIASES: dict[str, str] = {
    **dict.fromkeys(("float", "double", "decimal", "numeric", "real", "money", "float32", "float64"), '"number"'),
    **dict.fromkeys(("int", "long", "short", "bigint", "int32", "int64", "byte", "uint", "serial"), '"integer"'),
    **dict.fromkeys(("bool", "bit", "flag"), '"boolean"'),
    **dict.fromkeys(("str", "text", "char", "varchar", "enum", "word"), '"string"'),
    **dict.fromkeys(("list", "set", "tuple", "vector", "arr"), '"array"'),
    **dict.fromkeys(("dict", "map", "record", "struct", "json", "hash", "obj"), '"object"'),
    **dict.fromkeys(("none", "nil", "undefined", "void"), '"null"'),
    **dict.fromkeys(("datetime", "timestamp", "date-time"), '"string" with the format "date-time"'),
    **dict.fromkeys(("date", "time", "uuid", "email", "uri"), '"string" with a format'),
    **dict.fromkeys(("url", "link"), '"string" with the format "uri"'),
}
_ANY = frozenset({"any", "mixed", "variant", "*", ""})
_EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_LISTS = frozenset({"required", "examples", "enum"})


def schema_error_text(error: jsonschema_rs.ValidationError) -> str:
    """Return what is wrong at one place of a schema, and what would do where that is known."""
    path, value = list(error.instance_path), error.instance
    keyword = path[-1] if path else ""
    schema_path = [str(step) for step in error.schema_path]
    if schema_path[-2:] == ["type", "anyOf"]:
        return _type_text(value)
    if "properties" not in schema_path and schema_path[-1:] == ["type"] and keyword not in _LISTS:
        return _subschema_text(str(keyword), value)
    if keyword == "required" and isinstance(value, bool):
        return 'The properties that are required stand in a list beside "properties", as in required: ["id"].'
    if keyword in _EXCLUSIVE and isinstance(value, bool):
        return f"{keyword} is the bound itself, and {_EXCLUSIVE[str(keyword)]} is left out beside it."
    return truncate_text(error.message)


def _type_text(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    others = [each for each in values if not (isinstance(each, str) and each in TYPES)]
    listed = ", ".join(TYPES)
    if not values:
        return f"A list of types names at least one of {listed}; where any value may come, leave type out."
    if not others:
        return "A list of types names each of them once."
    wrong = others[0]
    if not isinstance(wrong, str):
        return f"{truncate_text(json_text(wrong))} is no type. There are {listed}."
    word = wrong.strip().lower()
    if word in _ANY:
        return "Where any value may come, leave type out."
    advice = f'"{word}"' if word in TYPES else _ALIASES.get(word, "")
    hint = f"Write {advice}." if advice else f"There are {listed}."
    return f"{truncate_text(json_text(wrong))} is no type. {hint}"


def _subschema_text(keyword: str, value: Any) -> str:
    shown = truncate_text(json_text(value))
    if keyword == "items" and isinstance(value, list):
        return "items is one schema, for every item; a schema for each place is prefixItems."
    if isinstance(value, str) and value in TYPES:
        return f'{shown} is no schema. Write {{"type": {shown}}}.'
    return f"{shown} is no schema: an object, true or false."
