"""Names that nobody knows, and the right one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MAX_NAME_LENGTH = 60
MAX_NAMES_LISTED = 20
MIN_SIMILARITY = 0.6


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like one, whatever its case and separators, or ""."""
    by_folding = {_fold(candidate): candidate for candidate in known}
    found = get_close_matches(_fold(name[:MAX_NAME_LENGTH]), by_folding, n=1, cutoff=MIN_SIMILARITY)
    return by_folding[found[0]] if found else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a sentence that helps on: the nearest name, else those that there are; "" where there are none."""
    names = sorted(known)
    if nearest := nearest_name(name, names):
        return f"Did you mean “{nearest}”?"
    if not names:
        return ""
    more = ", …" if len(names) > MAX_NAMES_LISTED else ""
    return f"There are: {', '.join(names[:MAX_NAMES_LISTED])}{more}."


def quoted(name: str) -> str:
    """Return a name as a sentence shows it."""
    return f"“{name}”" if len(name) <= MAX_NAME_LENGTH else f"“{name[:MAX_NAME_LENGTH]}…”"


def _fold(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
