"""Values with a key that their schema does not name: what conforms with a warning, and what a new rule may refuse."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from catalog.contract.examples.pattern_text import matching_text
from catalog.contract.examples.value_generation import generate_objects
from catalog.contract.schema.subschemas import Schema, walk_schema

_MAX_VALUES = 25
_MAX_OBJECTS = 20
_MAX_KEYS = 10
_UNKNOWN_VALUES: tuple[Any, ...] = ("text", 1, None)


def values_with_unknown_keys(old: Schema, new: Schema) -> Iterator[Any]:
    """Yield values of the old schema with one key more in one of their objects.

    The key is one that nobody names, one that only the new schema names, or one that a pattern of it speaks of.
    """
    named = sorted(_keys_under(new, "properties") - _keys_under(old, "properties"))
    patterns = sorted(_keys_under(new, "patternProperties"))
    matching = filter(None, map(matching_text, patterns[:_MAX_KEYS]))
    keys = ["another", *named[:_MAX_KEYS], *matching]
    for value in generate_objects(old)[:_MAX_VALUES]:
        for key in keys:
            for unknown in _UNKNOWN_VALUES:
                yield from islice(_with_key(value, key, unknown), _MAX_OBJECTS)


def _keys_under(schema: Schema, keyword: str) -> set[str]:
    return {key for _, each in walk_schema(schema) if isinstance(each, dict) for key in each.get(keyword, {})}


def _with_key(value: Any, key: str, unknown: Any) -> Iterator[Any]:
    """Yield a copy of the value for each object in it, with the key there."""
    if isinstance(value, dict):
        if key not in value:
            yield value | {key: unknown}
        for name, member in value.items():
            yield from (value | {name: inner} for inner in _with_key(member, key, unknown))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], inner, *value[index + 1 :]] for inner in _with_key(item, key, unknown))
