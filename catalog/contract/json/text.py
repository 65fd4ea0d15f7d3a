"""Short texts of JSON values for people, written without ever failing."""

import json
import math
import re
from typing import Any

MAX_TEXT = 200
"""The longest text of a value, in characters."""

_MAX_BITS = 4_000  # an integer of some 1,200 digits: far past the cut, and cheap to write out


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """Return the text, storable and no longer than the limit; what was cut ends in an ellipsis."""
    text = escape_text(text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def json_text(value: Any, limit: int = MAX_TEXT) -> str:
    """Return a value as JSON text of at most `limit` characters.

    Work is bounded by the limit, not by the value: depth 1,000, long lists, huge numbers, NaN and lone
    surrogates are all written as far as they fit.
    """
    parts: list[str] = []
    _write(value, parts, limit)
    return cut("".join(parts), limit)


def _write(value: Any, parts: list[str], room: int) -> int:
    """Append the text of a value and return the room that is left; below zero, writing stops."""
    if room < 0:
        return room
    if isinstance(value, dict):
        return _write_object(value, parts, room)
    if isinstance(value, list | tuple):
        return _write_array(value, parts, room)
    text = _scalar(value, room)
    parts.append(text)
    return room - len(text)


def _write_object(value: dict[Any, Any], parts: list[str], room: int) -> int:
    parts.append("{")
    room -= 1
    for number, (key, member) in enumerate(value.items()):
        if room < 0:
            return room
        text = f"{', ' if number else ''}{_scalar(str(key), room)}: "
        parts.append(text)
        room = _write(member, parts, room - len(text))
    parts.append("}")
    return room - 1


def _write_array(value: list[Any] | tuple[Any, ...], parts: list[str], room: int) -> int:
    parts.append("[")
    room -= 1
    for number, item in enumerate(value):
        if room < 0:
            return room
        if number:
            parts.append(", ")
            room -= 2
        room = _write(item, parts, room)
    parts.append("]")
    return room - 1


def _scalar(value: Any, room: int) -> str:
    if isinstance(value, str):
        return json.dumps(value[: room + 1], ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            return f"(an integer of about {int(value.bit_length() * math.log10(2)) + 1} digits)"
        return str(value)
    if isinstance(value, float):
        return json.dumps(value)
    return f"({type(value).__name__})"


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def escape_text(text: str) -> str:
    r"""Return the text with NUL and lone surrogates spelled out as `\u0000` and `\ud800`.

    PostgreSQL and UTF-8 refuse both. Text without them comes back as it is, so escaping twice changes nothing.
    """
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
