"""What a rule expected, in words: one short text for each kind of violation that the judge reports."""

from collections.abc import Callable
from typing import Any

from catalog.contract.texts import MAX_TEXT, cut, json_text

_TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "anyOf": lambda _: "a value that fits one of the alternatives",
    "const": lambda kind: f"the value {json_text(kind['expected_value'])}",
    "contains": lambda _: "an item of the kind that the list must contain",
    "enum": lambda kind: f"one of {alternatives(kind['options'])}",
    "exclusiveMaximum": lambda kind: f"less than {json_text(kind['limit'])}",
    "exclusiveMinimum": lambda kind: f"more than {json_text(kind['limit'])}",
    "format": lambda kind: f"a text of the format {kind['format']}",
    "maxItems": lambda kind: f"at most {counted(kind['limit'], 'item')}",
    "maxLength": lambda kind: f"at most {counted(kind['limit'], 'character')}",
    "maxProperties": lambda kind: f"at most {counted(kind['limit'], 'property', 'properties')}",
    "maximum": lambda kind: f"at most {json_text(kind['limit'])}",
    "minItems": lambda kind: f"at least {counted(kind['limit'], 'item')}",
    "minLength": lambda kind: f"at least {counted(kind['limit'], 'character')}",
    "minProperties": lambda kind: f"at least {counted(kind['limit'], 'property', 'properties')}",
    "minimum": lambda kind: f"at least {json_text(kind['limit'])}",
    "multipleOf": lambda kind: f"a multiple of {json_text(kind['multiple_of'])}",
    "not": lambda kind: f"no value that fits {json_text(kind['schema'])}",
    "oneOf": lambda _: "a value that fits exactly one of the alternatives",
    "pattern": lambda kind: f"a text that matches {kind['pattern']}",
    "type": lambda kind: types_text(kind["types"]),
    "unevaluatedItems": lambda _: "no more items",
    "uniqueItems": lambda _: "items that differ from each other",
}


def expectation(name: str, kind: dict[str, Any]) -> str:
    """Return what was expected where the judge reports an error of a kind, at most 200 characters."""
    text = _TEXTS.get(name)
    return cut(text(kind)) if text else f"a value that fits the rule {name}"


def types_text(types: list[str]) -> str:
    """Return the JSON types that were expected, such as "string or null"."""
    return " or ".join(types)


def alternatives(options: list[Any]) -> str:
    """Return values as a list in words, cut where it gets long."""
    return cut(", ".join(json_text(option, 60) for option in options[: MAX_TEXT // 2]), MAX_TEXT - 10)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, in the singular or plural."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
