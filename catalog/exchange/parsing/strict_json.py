"""Text of a file to one JSON value: strict, bounded, and with a sentence for every refusal."""

import json
from typing import Any

import orjson

from catalog.exchange.entry import Json

MAX_DEPTH = 100


class UnreadableFile(ValueError):
    """The file holds no value that can be read; `code` is stable, the text is a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def decode_text(raw: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark. Raises UnreadableFile."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile("not_utf8", f"Byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
    if "\x00" in text:
        raise UnreadableFile("nul", f"Character {text.index(chr(0))} is NUL. The file is damaged, or not text.")
    return text


def parse_strict_json(raw: bytes) -> Json:
    """The value of a JSON file.

    Raises UnreadableFile for what RFC 8259 does not allow, and for what would be lost silently
    or take too many resources: duplicate keys, more than 100 levels, numbers beyond 1.8e308.
    """
    text = decode_text(raw)
    try:
        orjson.loads(text)  # strict, and bounded in depth, unlike the standard library's
        _enforce_max_depth(text)
        return json.loads(text, object_pairs_hook=_object_without_duplicates)
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):
            raise _nested_too_deep() from error
        if "infinity" in str(error):
            raise number_too_large(str(error).partition(": ")[2]) from error
        raise UnreadableFile("malformed", f"Not JSON: {error}.") from error


def _enforce_max_depth(text: str) -> None:
    """Count brackets outside of strings; the text is known to be valid JSON."""
    depth, position, in_string = 0, 0, False
    while position < len(text):
        character = text[position]
        if in_string:
            if character == "\\":
                position += 1
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _nested_too_deep()
        elif character in "]}":
            depth -= 1
        position += 1


def number_too_large(where: str) -> UnreadableFile:
    """The refusal of a number that no program could compute with."""
    return UnreadableFile("number_too_large", f"A number beyond 1.8e308, which no program can compute with ({where}).")


def _nested_too_deep() -> UnreadableFile:
    return UnreadableFile("too_deep", f"Nested more than {MAX_DEPTH} levels deep.")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        duplicate = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise UnreadableFile("duplicate_key", f"The key {duplicate[:100]!r} occurs twice in one object.")
    return result
