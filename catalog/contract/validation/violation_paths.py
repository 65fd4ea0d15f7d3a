"""Paths of violations: where in an event, and where in its definition.

The judge's paths for Python lose something: keys that look like numbers come as integers (`"007"` as 7), and empty
keys not at all. `as_judged` says how it would put a path, `located` finds the keys again.
"""

import re
from collections.abc import Sequence
from typing import Any

from catalog.contract.json.pointers import value_at
from catalog.contract.schema.subschemas import Steps

_NUMBER = re.compile(r"\+?[0-9]{1,20}", re.ASCII)


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
