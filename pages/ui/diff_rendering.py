"""Differences between two versions, line by line and word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages.ui.json_html import compact_json
from pages.ui.unicode_rendering import render_text

KINDS = frozenset({"added", "removed", "changed", "words"})
# Longer texts are shown whole: comparing them word by word takes time and reads badly.
MAX_WORD_DIFF_LENGTH = 4_000


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One difference, ready to be shown. `is_prose` where both sides are sentences."""

    kind: str
    path: str
    field: str
    before: SafeString
    after: SafeString
    has_before: bool
    has_after: bool
    is_prose: bool
    note: str


def diff_lines(differences: Iterable[Any]) -> list[DiffLine]:
    """Each difference (anything with `kind`, `path`, `field`, `before`, `after` and perhaps `note`) as a line."""
    return [_diff_line(difference) for difference in differences]


def diff_summary(entries: Iterable[DiffLine]) -> str:
    """A summary of the lines: "2 new, 1 removed, 3 changed", or "No difference"."""
    kinds = [line.kind for line in entries]
    names = (("added", "new"), ("removed", "removed"), ("changed", "changed"), ("words", "only in words"))
    counts = [f"{kinds.count(kind)} {name}" for kind, name in names if kind in kinds]
    return ", ".join(counts) or "No difference"


def _diff_line(difference: Any) -> DiffLine:
    kind = difference.kind if difference.kind in KINDS else "changed"
    before, after = difference.before, difference.after
    is_prose = any(isinstance(side, str) and " " in side for side in (before, after))
    both = isinstance(before, str) and isinstance(after, str)
    if kind in ("changed", "words") and both and len(before) + len(after) < MAX_WORD_DIFF_LENGTH:
        shown_before, shown_after = _word_diff(before, after)
    else:
        shown_before, shown_after = render_text(_as_text(before)), render_text(_as_text(after))
    return DiffLine(
        kind=kind,
        path=str(difference.path),
        field=str(difference.field or ""),
        before=shown_before,
        after=shown_after,
        has_before=kind != "added" and before is not None,
        has_after=kind != "removed" and after is not None,
        is_prose=is_prose,
        note=str(getattr(difference, "note", "") or ""),
    )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else compact_json(value)


def _word_diff(before: str, after: str) -> tuple[SafeString, SafeString]:
    old, new = (re.findall(r"\w+\s*|[^\w\s]\s*|\s+", text) for text in (before, after))
    opcodes = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    return _render_segments(_segments(opcodes, old, 1), "del"), _render_segments(_segments(opcodes, new, 3), "ins")


def _segments(opcodes: Iterable[tuple[Any, ...]], words: list[str], start_index: int) -> Iterator[tuple[bool, str]]:
    for opcode in opcodes:
        if text := "".join(words[opcode[start_index] : opcode[start_index + 1]]):
            yield opcode[0] != "equal", text


def _render_segments(segments: Iterable[tuple[bool, str]], element: str) -> SafeString:
    rendered = (
        format_html("<{0}>{1}</{0}>", element, render_text(text)) if is_different else render_text(text)
        for is_different, text in segments
    )
    return format_html_join("", "{}", ((piece,) for piece in rendered))
