"""Names with invisible and misleading characters shown by their code points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

# Control, format (bidirectional marks among them), surrogate, private, unassigned, line and paragraph separators.
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters of these alphabets look like Latin ones; next to Latin letters their code point is shown.
CONFUSABLE_SCRIPTS = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"})

_PLAIN_NAME = re.compile(r"[!-~]+(?: [!-~]+)*")
"""Words of ASCII with one blank between each two: nothing in them is unseen or looks like something else."""

_PLAIN_TEXT = re.compile(r"[\n\t -~]*")
"""Text of ASCII in which every character is drawn."""

CharacterRenderer = Callable[[str], SafeString]


def is_invisible(character: str) -> bool:
    """Whether nothing is drawn for the character, or something that moves its neighbours."""
    return unicodedata.category(character) in INVISIBLE_CATEGORIES


def render_name(name: str, *, limit: int = 512) -> SafeString:
    """The name as HTML, such characters made visible; past `limit` characters it says how many follow.

    Shown by number: unseen characters, every space but the plain one, plain ones at either end or in a row, and
    letters that look like Latin ones next to Latin letters (these stay readable, followed by their code point).
    """
    if len(name) <= limit and _PLAIN_NAME.fullmatch(name):
        return conditional_escape(str(name))
    shown = name[:limit]
    has_latin = any(_script(character) == "LATIN" for character in shown)

    def needs_number(index: int, character: str) -> bool:
        if character == " ":
            return index in (0, len(shown) - 1) or shown[index - 1] == " "
        if unicodedata.category(character) == "Zs" or is_invisible(character):
            return True
        return has_latin and _script(character) in CONFUSABLE_SCRIPTS

    html = _mark_characters(shown, needs_number, _code_point_marker)
    if len(name) > limit:
        html += format_html('<span class="muted">… {} more characters</span>', len(name) - limit)
    return html


def render_text(text: str, render_character: CharacterRenderer | None = None) -> SafeString:
    """A text as HTML: line breaks and tabs stay, other unseen characters are shown (as `render_character` says)."""
    if _PLAIN_TEXT.fullmatch(text):
        return conditional_escape(str(text))
    return _mark_characters(
        text,
        lambda _, character: character not in "\n\t" and is_invisible(character),
        render_character or _code_point_marker,
    )


def character_marker(character: str, shown: str) -> SafeString:
    """The placeholder of one character, with the character's name on hover."""
    return format_html('<span class="glyph" title="{}">{}</span>', unicodedata.name(character, "no name"), shown)


def _code_point_marker(character: str) -> SafeString:
    number = character_marker(character, f"U+{ord(character):04X}")
    return format_html("{}{}", character, number) if character.isalpha() else number


def _mark_characters(
    text: str, needs_mark: Callable[[int, str], bool], render_character: CharacterRenderer
) -> SafeString:
    return mark_safe("".join(_html_segments(text, needs_mark, render_character)))  # noqa: S308  every piece is escaped


def _html_segments(
    text: str, needs_mark: Callable[[int, str], bool], render_character: CharacterRenderer
) -> Iterator[str]:
    start = 0
    for index, character in enumerate(text):
        if needs_mark(index, character):
            yield conditional_escape(text[start:index])
            yield render_character(character)
            start = index + 1
    yield conditional_escape(text[start:])


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ", 1)[0] if character.isalpha() else ""
