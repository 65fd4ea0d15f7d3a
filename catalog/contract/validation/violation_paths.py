"""Paths of violations: where in an event, and where in its definition.

The validator's paths for Python lose something: keys that look like numbers come as integers (`"007"` as 7), and empty
keys not at all. `validator_path` returns a path as the validator reports it, `restore_keys` the original keys.
"""

import re
from collections.abc import Sequence
from typing import Any

from catalog.contract.json.pointers import value_at
from catalog.contract.schema.subschemas import Tokens

_INTEGER_KEY = re.compile(r"\+?[0-9]{1,20}", re.ASCII)


def validator_path(tokens: Sequence[str | int]) -> Tokens:
    """Return steps as the validator reports them; two paths that it cannot tell apart come out the same."""
    return tuple(
        int(token) if isinstance(token, str) and _INTEGER_KEY.fullmatch(token) else token
        for token in tokens
        if token != ""
    )


def restore_keys(value: Any, reported_path: Sequence[str | int]) -> Tokens:
    """Return the keys and indices of a value that a reported path means, as far as they can be told."""
    tokens: list[str | int] = []
    for token in reported_path:
        while isinstance(value, dict) and (key := _matching_key(value, token)) is None and "" in value:
            tokens.append("")
            value = value[""]
        tokens.append(key if isinstance(value, dict) and key is not None else token)
        value = value_at(value, tokens[-1:])
    return tuple(tokens)


def _matching_key(container: dict[str, Any], token: str | int) -> str | None:
    if isinstance(token, str):
        return token if token in container else None
    if str(token) in container:
        return str(token)
    return next((key for key in container if _INTEGER_KEY.fullmatch(key) and int(key) == token), None)
