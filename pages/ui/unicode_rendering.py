"""Names as they really are: what cannot be seen, and what looks like something else, is shown by its number."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

# Control, format (bidirectional marks among them), surrogate, private, unassigned, line and paragraph separators.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters of these alphabets pass for Latin ones; beside Latin letters their number is shown.
LOOKALIKE = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"})

Draw = Callable[[str], SafeString]


def is_unseen(character: str) -> bool:
    """Whether nothing is drawn for the character, or something that moves its neighbours."""
    return unicodedata.category(character) in UNSEEN


def show_name(name: str, *, limit: int = 512) -> SafeString:
    """The name as HTML, its tricks made visible; past `limit` characters it says how many follow.

    Shown by number: unseen characters, every space but the plain one, plain ones at either end or in a row, and
    letters that pass for Latin ones beside Latin letters (these stay readable, with the number behind them).
    """
    shown = name[:limit]
    has_latin = any(_script(character) == "LATIN" for character in shown)

    def needs_number(index: int, character: str) -> bool:
        if character == " ":
            return index in (0, len(shown) - 1) or shown[index - 1] == " "
        if unicodedata.category(character) == "Zs" or is_unseen(character):
            return True
        return has_latin and _script(character) in LOOKALIKE

    html = _marked(shown, needs_number, _number_of)
    if len(name) > limit:
        html += format_html('<span class="muted">… {} more characters</span>', len(name) - limit)
    return html


def show_text(text: str, draw: Draw | None = None) -> SafeString:
    """A text as HTML: line breaks and tabs stay, other unseen characters are shown (as `draw` says)."""
    return _marked(text, lambda _, character: character not in "\n\t" and is_unseen(character), draw or _number_of)


def glyph(character: str, shown: str) -> SafeString:
    """The mark that stands for one character, with the character's own name on hover."""
    return format_html('<span class="glyph" title="{}">{}</span>', unicodedata.name(character, "no name"), shown)


def _number_of(character: str) -> SafeString:
    number = glyph(character, f"U+{ord(character):04X}")
    return format_html("{}{}", character, number) if character.isalpha() else number


def _marked(text: str, needs_mark: Callable[[int, str], bool], draw: Draw) -> SafeString:
    return mark_safe("".join(_pieces(text, needs_mark, draw)))  # noqa: S308  every piece is escaped


def _pieces(text: str, needs_mark: Callable[[int, str], bool], draw: Draw) -> Iterator[str]:
    start = 0
    for index, character in enumerate(text):
        if needs_mark(index, character):
            yield conditional_escape(text[start:index])
            yield draw(character)
            start = index + 1
    yield conditional_escape(text[start:])


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ", 1)[0] if character.isalpha() else ""
