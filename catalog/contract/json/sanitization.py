"""JSON values made storable in a jsonb column: what PostgreSQL refuses is escaped."""

import json
import math
from typing import Any

from catalog.contract.json.integers import storable_integer
from catalog.contract.json.text import escape_text

MAX_DEPTH = 254
"""How deep arrays and objects may nest; the limits of the parsers, the validator and the database are higher."""

TOO_DEEP_PLACEHOLDER = "(nested too deeply)"
"""Stands where a value was cut."""


def sanitize(value: Any, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return a copy of any value that every encoder and PostgreSQL's jsonb accept.

    NUL and lone surrogates are escaped in keys and texts, NaN and infinities become their names, integers
    past 4,300 digits the text of their digits, other Python objects their type's name, and what nests below `max_depth`
    a text that says so. Never raises, and takes as long as the value is large.
    """
    if isinstance(value, dict):
        if max_depth == 0:
            return TOO_DEEP_PLACEHOLDER
        return {escape_text(str(key)): sanitize(member, max_depth=max_depth - 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        if max_depth == 0:
            return TOO_DEEP_PLACEHOLDER
        return [sanitize(item, max_depth=max_depth - 1) for item in value]
    if isinstance(value, str):
        return escape_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return storable_integer(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    return f"({type(value).__name__})"


def exceeds_depth(value: Any, max_depth: int) -> bool:
    """Tell whether arrays and objects nest deeper than so many levels. Uses no recursion."""
    containers = [value]
    for _ in range(max_depth):
        containers = [
            inner
            for container in containers
            if isinstance(container, dict | list | tuple)
            for inner in (container.values() if isinstance(container, dict) else container)
            if isinstance(inner, dict | list | tuple)
        ]
        if not containers:
            return False
    return True


def exceeds_value_count(value: Any, limit: int) -> bool:
    """Tell whether there are more than so many values inside a value. Looks at no more than those."""
    pending = [value]
    while pending and limit >= 0:
        container = pending.pop()
        inner = container.values() if isinstance(container, dict) else container
        limit -= len(inner)
        pending += [each for each in inner if isinstance(each, dict | list | tuple)] if limit >= 0 else []
    return limit < 0
