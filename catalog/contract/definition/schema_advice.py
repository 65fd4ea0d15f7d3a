"""What is wrong with a schema, in words of people: what other languages and older drafts write, and what would do."""

import json
import math
from collections.abc import Sequence
from typing import Any

import jsonschema_rs

from catalog.contract.json.json_type import json_type
from catalog.contract.json.text import json_text, truncate_text
from catalog.contract.schema.subschemas import (
    ANNOTATIONS,
    OTHER_SCHEMA_MAPS,
    PROPERTY_SCHEMA_MAPS,
    SCHEMA_LIST_KEYWORDS,
    VALIDATING_KEYWORDS,
)

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
_SCHEMA = frozenset({"boolean", "object"})
"""The types of a schema: what is asked for where one stands, and nowhere else."""
_KEYWORDS = VALIDATING_KEYWORDS | ANNOTATIONS
_LONGEST_SCALAR = 30


def schema_error_text(error: jsonschema_rs.ValidationError) -> str:
    """Return what is wrong at one place of a schema, and what would do where that is known."""
    path, value = list(error.instance_path), error.instance
    keyword = path[-1] if path else ""
    schema_path = [str(step) for step in error.schema_path]
    if schema_path[-2:] == ["type", "anyOf"]:
        return _type_text(value)
    types = frozenset(error.kind.as_dict()["types"]) if error.kind.name == "type" else frozenset()
    if types and (text := _unquoted_text(value, types)):
        return text
    if types == _SCHEMA:
        return _subschema_text(path, value)
    if types == {"array"} and (text := _list_text(path, value)):
        return text
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


def _unquoted_text(value: Any, types: frozenset[str]) -> str:
    """Return what to write where a number or a truth value came as a text; "" for anything else."""
    if not isinstance(value, str) or len(value) > _LONGEST_SCALAR:
        return ""
    try:
        plain = json.loads(value.strip().lower())
    except ValueError:
        return ""
    if isinstance(plain, float) and not math.isfinite(plain):
        return ""
    kind = json_type(plain)
    is_meant = kind in types or (kind == "integer" and "number" in types)
    return f"{json_text(value)} is a text. Write {json_text(plain)}, without quotes." if is_meant else ""


def _list_text(path: Sequence[str | int], value: Any) -> str:
    """Return what a keyword that takes a list asks for; "" where the error says enough."""
    keyword = path[-1]
    if keyword in SCHEMA_LIST_KEYWORDS and _holding_map(path) is None:
        return f'{keyword} is a list of schemas, as in {keyword}: [{{"type": "string"}}].'
    if keyword == "required" and isinstance(value, str):
        return f"required is a list of names, as in required: [{json_text(value, 60)}]."
    if _holding_map(path) == "dependentRequired":
        return f'dependentRequired maps a name to a list of names, as in {{{json_text(keyword, 60)}: ["id"]}}.'
    return ""


def _subschema_text(path: Sequence[str | int], value: Any) -> str:
    keyword = path[-1] if path else ""
    shown = truncate_text(json_text(value))
    holder = _holding_map(path)
    if holder == "properties" and keyword in _KEYWORDS:
        return (
            f"Among the properties, {json_text(keyword)} is the name of one, and {shown} is no schema. "
            'If the keyword is meant, it stands beside "properties".'
        )
    if holder == "dependentSchemas" and isinstance(value, list):
        return "A list of names that are required beside another one stands in dependentRequired."
    if holder is None and keyword == "items" and isinstance(value, list):
        return "items is one schema, for every item; a schema for each place is prefixItems."
    if isinstance(value, str) and value in TYPES:
        return f'{shown} is no schema. Write {{"type": {shown}}}.'
    return f"{shown} is no schema: an object, true or false."


def _holding_map(path: Sequence[str | int]) -> str | None:
    """Return the keyword whose value maps names, where the last step of a path is such a name; None elsewhere."""
    maps = PROPERTY_SCHEMA_MAPS | OTHER_SCHEMA_MAPS | {"dependentRequired"}
    position = 0
    while position < len(path):
        step = path[position]
        is_map = step in maps
        if position + 2 == len(path):
            return str(step) if is_map else None
        position += 2 if is_map else 1
    return None
