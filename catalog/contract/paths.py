"""Paths of violations: where in an event, and where in its definition.

The judge's paths for Python lose something: keys that look like numbers come as integers (`"007"` as 7), and empty
keys not at all. `as_judged` says how it would put a path, `located` finds the keys again.
"""

import re
from collections.abc import Sequence
from typing import Any

from catalog.contract.pointers import INDEX, UNKNOWN, pointer
from catalog.contract.schemas import Schema, Steps, is_schema, same_value

_NUMBER = re.compile(r"\+?[0-9]{1,20}", re.ASCII)

ABSENT = object()
"""What `value_at` answers where nothing is."""


def definition_path(root: Schema | None, tokens: Sequence[str | int], *, below: str) -> str:
    """Return the path with `*` for indices and `?` for keys that the schema does not name.

    `tokens` are the keys and indices that lead from the part of the event that `root` describes; None for
    `root` means that nothing is known of any key.
    """
    steps: list[str] = []
    at_hand: list[Schema] = [] if root is None else [root]
    for token in tokens:
        found: list[Schema] = []
        is_known = isinstance(token, int)
        for schema in (each for start in at_hand for each in same_value(root or {}, start)):
            assert isinstance(schema, dict)
            if isinstance(token, int):
                found += _items(schema, token)
                continue
            properties = schema.get("properties", {})
            is_known = is_known or token in properties or token in schema.get("required", ())
            if token in properties:
                found.append(properties[token])
            elif is_schema(schema.get("additionalProperties")):
                found.append(schema["additionalProperties"])
            found += schema.get("patternProperties", {}).values()
        steps.append(INDEX if isinstance(token, int) else token if is_known else UNKNOWN)
        at_hand = found
    return pointer(steps, below=below)


def _items(schema: dict[str, Any], index: int) -> list[Schema]:
    prefix = schema.get("prefixItems", [])
    if index < len(prefix):
        return [prefix[index]]
    return [schema["items"]] if is_schema(schema.get("items")) else []


def value_at(value: Any, tokens: Sequence[str | int]) -> Any:
    """Return what stands at the end of these keys and indices, or ABSENT."""
    for token in tokens:
        try:
            value = value[token] if isinstance(value, dict | list) else ABSENT  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def typed(value: Any, tokens: Sequence[str]) -> list[str | int]:
    """Return the tokens of a pointer with indices as numbers where the value at hand is a list."""
    result: list[str | int] = []
    for token in tokens:
        if isinstance(value, list) and token.isdecimal() and token.isascii():
            result.append(int(token[:12]))
        else:
            result.append(token)
        value = value_at(value, result[-1:])
    return result


def as_judged(steps: Sequence[str | int]) -> Steps:
    """Return steps as the judge reports them; two paths that it cannot tell apart come out the same."""
    return tuple(
        int(step) if isinstance(step, str) and _NUMBER.fullmatch(step) else step for step in steps if step != ""
    )


def located(value: Any, reported: Sequence[str | int]) -> Steps:
    """Return the keys and indices of a value that a reported path means, as far as they can be told."""
    steps: list[str | int] = []
    for step in reported:
        while isinstance(value, dict) and (found := _key(value, step)) is None and "" in value:
            steps.append("")
            value = value[""]
        steps.append(found if isinstance(value, dict) and found is not None else step)
        value = value_at(value, steps[-1:])
    return tuple(steps)


def _key(holder: dict[str, Any], step: str | int) -> str | None:
    if isinstance(step, str):
        return step if step in holder else None
    if str(step) in holder:
        return str(step)
    return next((key for key in holder if _NUMBER.fullmatch(key) and int(key) == step), None)
