"""What a rule expected, in words: one short text for each kind of error that the validator reports."""

from collections.abc import Callable
from typing import Any

from catalog.contract.json.text import MAX_TEXT_LENGTH, json_text, truncate_text

_EXPECTATIONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "anyOf": lambda _: "a value that fits one of the alternatives",
    "const": lambda kind: f"the value {json_text(kind['expected_value'])}",
    "contains": lambda _: "an item of the kind that the list must contain",
    "enum": lambda kind: f"one of {list_values(kind['options'])}",
    "exclusiveMaximum": lambda kind: f"less than {json_text(kind['limit'])}",
    "exclusiveMinimum": lambda kind: f"more than {json_text(kind['limit'])}",
    "format": lambda kind: f"a text of the format {kind['format']}",
    "maxItems": lambda kind: f"at most {pluralize(kind['limit'], 'item')}",
    "maxLength": lambda kind: f"at most {pluralize(kind['limit'], 'character')}",
    "maxProperties": lambda kind: f"at most {pluralize(kind['limit'], 'property', 'properties')}",
    "maximum": lambda kind: f"at most {json_text(kind['limit'])}",
    "minItems": lambda kind: f"at least {pluralize(kind['limit'], 'item')}",
    "minLength": lambda kind: f"at least {pluralize(kind['limit'], 'character')}",
    "minProperties": lambda kind: f"at least {pluralize(kind['limit'], 'property', 'properties')}",
    "minimum": lambda kind: f"at least {json_text(kind['limit'])}",
    "multipleOf": lambda kind: f"a multiple of {json_text(kind['multiple_of'])}",
    "not": lambda kind: f"no value that fits {json_text(kind['schema'])}",
    "oneOf": lambda _: "a value that fits exactly one of the alternatives",
    "pattern": lambda kind: f"a text that matches {kind['pattern']}",
    "type": lambda kind: join_types(kind["types"]),
    "unevaluatedItems": lambda _: "no more items",
    "uniqueItems": lambda _: "items that differ from each other",
}


def describe_expectation(rule: str, details: dict[str, Any]) -> str:
    """Return what was expected, for an error of the validator, in at most 200 characters."""
    text = _EXPECTATIONS.get(rule)
    return truncate_text(text(details)) if text else f"a value that fits the rule {rule}"


def join_types(types: list[str]) -> str:
    """Return the JSON types that were expected, such as "string or null"."""
    return " or ".join(types)


def list_values(options: list[Any]) -> str:
    """Return values as a list in words, cut where it gets long."""
    return truncate_text(
        ", ".join(json_text(option, 60) for option in options[: MAX_TEXT_LENGTH // 2]), MAX_TEXT_LENGTH - 10
    )


def pluralize(number: float, noun: str, plural: str = "") -> str:
    """Return a count with its noun, in the singular or plural. JSON Schema also takes a count such as 3.0."""
    number = int(number)
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


TYPE_WORDS = {
    "string": ("text", "texts"),
    "number": ("number", "numbers"),
    "integer": ("whole number", "whole numbers"),
    "boolean": ("yes or no", "yes or no each"),
    "array": ("list", "lists"),
    "object": ("object", "objects"),
    "null": ("nothing", "nothing"),
    "any": ("anything", "anything"),
}
"""How people say the types of JSON, one and several."""


def describe_type(label: str) -> str:
    """Return a type label as people say it: "integer or null" is "Whole number or nothing"."""
    parts = [_describe_type_part(part, 0) for part in label.split(" or ")]
    if len(parts) == 1:
        words = parts[0]
    else:
        parts = [word for part in parts for word in part.split(" or ")]
        words = f"{', '.join(parts[:-1])} or {parts[-1]}"
    return words[:1].upper() + words[1:]


def _describe_type_part(label: str, plural_index: int) -> str:
    outer, _, inner = label.partition(" of ")
    words = TYPE_WORDS[outer][plural_index] if outer in TYPE_WORDS else outer
    return f"{words} of {_describe_type_part(inner, 1)}" if inner else words
