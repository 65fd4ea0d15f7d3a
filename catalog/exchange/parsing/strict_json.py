"""Text of a file to one JSON value: strict, bounded, and with a sentence for every refusal."""

import json
from typing import Any

import orjson

from catalog.exchange.entry import Json

MAX_DEPTH = 100


class Unreadable(ValueError):
    """The file holds no value that can be read; `code` is stable, the text is a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def text_of(raw: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises Unreadable."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8", f"Byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
    if "\x00" in text:
        raise Unreadable("nul", f"Character {text.index(chr(0))} is NUL. The file is damaged, or not text.")
    return text


def read_json(raw: bytes) -> Json:
    """The value of a JSON file.

    Raises Unreadable for what RFC 8259 does not allow, and for what would be lost without a word
    or overwhelm us: duplicate keys, more than 100 levels, numbers beyond 1.8e308.
    """
    text = text_of(raw)
    try:
        orjson.loads(text)  # strict, and bounded in depth, unlike the standard library's
        _hold_depth(text)
        return json.loads(text, object_pairs_hook=_object)
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):
            raise _too_deep() from error
        if "infinity" in str(error):
            raise too_large(str(error).partition(": ")[2]) from error
        raise Unreadable("malformed", f"Not JSON: {error}.") from error


def _hold_depth(text: str) -> None:
    """Count brackets outside of strings; the text is known to be valid JSON."""
    depth, position, inside = 0, 0, False
    while position < len(text):
        letter = text[position]
        if inside:
            if letter == "\\":
                position += 1
            elif letter == '"':
                inside = False
        elif letter == '"':
            inside = True
        elif letter in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep()
        elif letter in "]}":
            depth -= 1
        position += 1


def too_large(where: str) -> Unreadable:
    """The refusal of a number that no program could compute with."""
    return Unreadable("number_too_large", f"A number beyond 1.8e308, which no program can compute with ({where}).")


def _too_deep() -> Unreadable:
    return Unreadable("too_deep", f"Nested more than {MAX_DEPTH} levels deep.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Unreadable("duplicate_key", f"The key {twice[:100]!r} stands twice in one object.")
    return made
