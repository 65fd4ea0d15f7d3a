"""Short texts of JSON values for people, written without ever failing."""

import json
import math
import re
from typing import Any

from catalog.contract.json.integers import is_writable

MAX_TEXT_LENGTH = 200
"""The longest text of a value, in characters."""


def truncate_text(text: str, limit: int = MAX_TEXT_LENGTH) -> str:
    """Return the text, storable and no longer than the limit; what was cut ends in an ellipsis."""
    text = escape_text(text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def json_text(value: Any, limit: int = MAX_TEXT_LENGTH) -> str:
    """Return a value as JSON text of at most `limit` characters.

    Work is bounded by the limit, not by the value: depth 1,000, long lists, huge numbers, NaN and lone
    surrogates are all written as far as they fit.
    """
    parts: list[str] = []
    _write(value, parts, limit)
    return truncate_text("".join(parts), limit)


def _write(value: Any, parts: list[str], remaining: int) -> int:
    """Append the text of a value and return how many characters are left; below zero, writing stops."""
    if remaining < 0:
        return remaining
    if isinstance(value, dict):
        return _write_object(value, parts, remaining)
    if isinstance(value, list | tuple):
        return _write_array(value, parts, remaining)
    text = _scalar_text(value, remaining)
    parts.append(text)
    return remaining - len(text)


def _write_object(value: dict[Any, Any], parts: list[str], remaining: int) -> int:
    parts.append("{")
    remaining -= 1
    for number, (key, member) in enumerate(value.items()):
        if remaining < 0:
            return remaining
        text = f"{', ' if number else ''}{_scalar_text(str(key), remaining)}: "
        parts.append(text)
        remaining = _write(member, parts, remaining - len(text))
    parts.append("}")
    return remaining - 1


def _write_array(value: list[Any] | tuple[Any, ...], parts: list[str], remaining: int) -> int:
    parts.append("[")
    remaining -= 1
    for number, item in enumerate(value):
        if remaining < 0:
            return remaining
        if number:
            parts.append(", ")
            remaining -= 2
        remaining = _write(item, parts, remaining)
    parts.append("]")
    return remaining - 1


def _scalar_text(value: Any, remaining: int) -> str:
    if isinstance(value, str):
        return json.dumps(value[: remaining + 1], ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if not is_writable(value):
            return f"(an integer of about {int(value.bit_length() * math.log10(2)) + 1} digits)"
        return str(value)
    if isinstance(value, float):
        return json.dumps(value)
    return f"({type(value).__name__})"


_UNSTORABLE_CHARACTERS = re.compile("[\x00\ud800-\udfff]")


def escape_text(text: str) -> str:
    r"""Return the text with NUL and lone surrogates spelled out as `\u0000` and `\ud800`.

    PostgreSQL and UTF-8 refuse both. Text without them comes back as it is, so escaping twice changes nothing.
    """
    return _UNSTORABLE_CHARACTERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
