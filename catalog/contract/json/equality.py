"""Equality of JSON values, as JSON Schema defines it: true is not 1, and 1 is 1.0."""

import math
from decimal import Decimal
from typing import Any


def json_equal(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same value.

    Python's own `==` takes true for 1, at any depth. Numbers are equal where the decimal numbers that JSON text
    spells are: 1 and 1.0, but not 2**70 and the rounded text of its float. The order of an object's members does not
    count. Takes any Python values, never raises, and uses no recursion.
    """
    pending = [(one, other)]
    while pending:
        left, right = pending.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pending += [(left[key], right[key]) for key in left]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif not _scalars_equal(left, right):
            return False
    return True


def shortest_number(value: float) -> int | float:
    """Return a finite float without a fraction as the integer that its JSON text spells; others as they are.

    `1e2` becomes 100; NaN and infinities stay.
    """
    if math.isfinite(value) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


def _scalars_equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    one = shortest_number(one) if isinstance(one, float) else one
    other = shortest_number(other) if isinstance(other, float) else other
    return bool(one == other)
