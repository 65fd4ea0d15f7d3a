"""JSON as coloured HTML, for values that anybody may have sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from pages.ui.unicode_rendering import character_marker, render_text

MAX_LINES = 2_000
# Past this many digits Python refuses to print a whole number.
MAX_DIGITS = 4_000
JSON_KEYWORDS = {True: "true", False: "false", None: "null"}


def render_json(value: Any, *, max_lines: int = MAX_LINES) -> SafeString:
    """`value` over several lines, two spaces a level, its parts in spans by kind. Never raises for a JSON value.

    Any depth is fine: nothing here calls itself. Past `max_lines` a line says that the rest is left out. What JSON
    does not know (a date, a UUID) is shown as the string it prints as.
    """
    segments: list[str] = []
    lines = 0
    for piece in _html_segments(value):
        lines += piece.count("\n")
        if lines >= max_lines:
            segments.append(
                format_html('\n<span class="j-mark">… the rest is left out after {} lines</span>', max_lines)
            )
            break
        segments.append(piece)
    return mark_safe("".join(segments))  # noqa: S308  every piece is escaped


def compact_json(value: Any) -> str:
    """`value` on one line, as it is copied or compared. Falls back to its first level where it is nested too deeply."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:
        return "[…]" if isinstance(value, list) else "{…}"


def _html_segments(root: Any) -> Iterator[str]:
    # The stack holds what is still to be written: ready pieces as str, values as one-tuples with their depth.
    stack: list[str | tuple[Any, int]] = [(root, 0)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
            continue
        value, depth = item
        if isinstance(value, (dict, list, tuple)) and value:
            stack.extend(reversed(list(_container_segments(value, depth))))
        else:
            yield _render_scalar(value)


def _container_segments(
    value: dict[Any, Any] | list[Any] | tuple[Any, ...], depth: int
) -> Iterator[str | tuple[Any, int]]:
    is_object = isinstance(value, dict)
    indent = "\n" + "  " * min(depth + 1, 40)
    yield _punctuation("{" if is_object else "[")
    for index, entry in enumerate(value.items() if isinstance(value, dict) else value):
        yield _punctuation(",") + indent if index else indent
        if is_object:
            key, entry = entry
            yield format_html('<span class="j-key">{}</span>', _string(str(key))) + _punctuation(": ")
        yield (entry, depth + 1)
    yield "\n" + "  " * min(depth, 40) + _punctuation("}" if is_object else "]")


def _render_scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return format_html('<span class="j-word">{}</span>', JSON_KEYWORDS[value])
    if isinstance(value, int):
        digits = str(value) if value.bit_length() < MAX_DIGITS * 3 else f"(a number of {value.bit_length()} bits)"
        return format_html('<span class="j-number">{}</span>', digits)
    if isinstance(value, float):
        return format_html('<span class="j-number">{}</span>', repr(value))
    if isinstance(value, dict):
        return _punctuation("{}")
    if isinstance(value, (list, tuple)):
        return _punctuation("[]")
    return format_html('<span class="j-text">{}</span>', _string(str(value)))


def _string(text: str) -> SafeString:
    return render_text(
        json.dumps(text, ensure_ascii=False), lambda character: character_marker(character, _escape(character))
    )


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1]


def _punctuation(text: str) -> str:
    return f'<span class="j-mark">{conditional_escape(text)}</span>'
