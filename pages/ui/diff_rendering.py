"""Differences between two versions, line by line and word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pages.ui.json_html import json_text
from pages.ui.unicode_rendering import show_text

KINDS = frozenset({"added", "removed", "changed", "words"})
# Longer texts are shown whole: comparing them word by word takes time and reads badly.
MAX_COMPARED = 4_000


@dataclass(frozen=True, slots=True)
class Line:
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


def lines(differences: Iterable[Any]) -> list[Line]:
    """Each difference (anything with `kind`, `path`, `field`, `before`, `after` and perhaps `note`) as a line."""
    return [_line(difference) for difference in differences]


def summary(shown: Iterable[Line]) -> str:
    """The lines in one breath: "2 new, 1 removed, 3 changed", or "No difference"."""
    kinds = [line.kind for line in shown]
    names = (("added", "new"), ("removed", "removed"), ("changed", "changed"), ("words", "only in words"))
    said = [f"{kinds.count(kind)} {name}" for kind, name in names if kind in kinds]
    return ", ".join(said) or "No difference"


def _line(difference: Any) -> Line:
    kind = difference.kind if difference.kind in KINDS else "changed"
    before, after = difference.before, difference.after
    is_prose = any(isinstance(side, str) and " " in side for side in (before, after))
    both = isinstance(before, str) and isinstance(after, str)
    if kind in ("changed", "words") and both and len(before) + len(after) < MAX_COMPARED:
        shown_before, shown_after = _words(before, after)
    else:
        shown_before, shown_after = show_text(_text(before)), show_text(_text(after))
    return Line(
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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def _words(before: str, after: str) -> tuple[SafeString, SafeString]:
    old, new = (re.findall(r"\w+\s*|[^\w\s]\s*|\s+", text) for text in (before, after))
    steps = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    return _side(_cuts(steps, old, 1), "del"), _side(_cuts(steps, new, 3), "ins")


def _cuts(steps: Iterable[tuple[Any, ...]], words: list[str], at: int) -> Iterator[tuple[bool, str]]:
    for step in steps:
        if text := "".join(words[step[at] : step[at + 1]]):
            yield step[0] != "equal", text


def _side(cuts: Iterable[tuple[bool, str]], element: str) -> SafeString:
    drawn = (
        format_html("<{0}>{1}</{0}>", element, show_text(text)) if is_different else show_text(text)
        for is_different, text in cuts
    )
    return format_html_join("", "{}", ((piece,) for piece in drawn))
