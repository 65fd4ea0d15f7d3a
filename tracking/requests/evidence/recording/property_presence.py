"""Which properties of a definition an event has."""

from collections.abc import Iterable, Sequence
from typing import Any

from catalog.contract.json.pointers import ANY_INDEX, UNKNOWN_KEY, parse_pointer


def present_paths(event: dict[str, Any], paths: Iterable[str]) -> list[str]:
    """Return the definition paths (`/properties/products/*/sku`) at which an event has a value; null is one."""
    return [path for path in paths if _has_value(event, parse_pointer(path))]


def _has_value(value: Any, tokens: Sequence[str]) -> bool:
    for at, token in enumerate(tokens):
        if isinstance(value, list):
            if token == ANY_INDEX:
                return any(_has_value(item, tokens[at + 1 :]) for item in value)
            if not token.isdecimal() or int(token[:9]) >= len(value):
                return False
            value = value[int(token[:9])]
        elif isinstance(value, dict):
            if token == UNKNOWN_KEY and token not in value:
                return any(_has_value(inner, tokens[at + 1 :]) for inner in value.values())
            if token not in value:
                return False
            value = value[token]
        else:
            return False
    return True
