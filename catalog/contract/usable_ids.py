"""Ids of users, devices and messages: which values are one, and when two are likely one that is written twice."""

import math
import re
from typing import Any

from catalog.contract.json.equality import shortest_number
from catalog.contract.placeholder_ids import INTEGER_LIMITS, is_placeholder
from catalog.contract.sensitive_keys import plain_text

MAX_INTEGER_BITS = 1024

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def id_text(value: Any) -> str:
    """Return an id as text: a text or number that means somebody, as it came; "" for anything else.

    The number 1.0 is 1. A text that stands where no id is (`null`, `[object Object]`, `{{user.id}}`, zeros) is
    none, and neither are 0, -1, blanks and the ends of what computers count with.
    """
    if isinstance(value, str):
        return "" if is_placeholder(value) else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        value = shortest_number(value)
    if (
        value in (0, -1)
        or value in INTEGER_LIMITS
        or (isinstance(value, int) and value.bit_length() >= MAX_INTEGER_BITS)
    ):
        return ""
    return str(value)


def plain_id(text: str) -> str:
    """Return an id in plain characters, without its blanks and what nobody sees in it: full-width `１２` is `12`."""
    return "".join(_CONTROLS.sub("", plain_text(text)).split())


def folded_id(text: str) -> str:
    """Return a plain id without its case: two ids with one such text are likely one, written twice."""
    return plain_id(text).casefold()
