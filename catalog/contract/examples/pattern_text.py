"""A text that matches a regular expression, for the patterns that people write: best effort."""

import re

MAX_MATCHING_TEXT = 2_000
"""Longer texts are given up."""

_MAX_NESTING = 50
_QUANTIFIER = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")
_ESCAPE_EXAMPLES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "t": "\t", "n": "\n", "r": "\r"}


def matching_text(pattern: str) -> str | None:
    """Return a short text that should match a pattern, or None where the pattern is not supported.

    It reads literals, classes, groups, alternatives, anchors and counts. The caller checks the text, since
    boundaries, flags and Unicode classes are beyond it. Never raises.
    """
    reader = _PatternReader(pattern)
    try:
        text = reader.read_alternatives(0)
    except (_UnsupportedPattern, IndexError):
        return None
    return text if reader.position == len(pattern) and len(text) <= MAX_MATCHING_TEXT else None


class _UnsupportedPattern(Exception):
    """The pattern holds something that is not supported."""


class _PatternReader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def read_alternatives(self, depth: int) -> str:
        """Read `a|b|c` and return a text for the first of them."""
        if depth > _MAX_NESTING:
            raise _UnsupportedPattern
        text = self._read_sequence(depth)
        while self.position < len(self.pattern) and self.pattern[self.position] == "|":
            self.position += 1
            self._read_sequence(depth)
        return text

    def _read_sequence(self, depth: int) -> str:
        parts: list[str] = []
        length = 0
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            parts.append(self._apply_quantifier(self._read_atom(depth)))
            length += len(parts[-1])
            if length > MAX_MATCHING_TEXT:
                raise _UnsupportedPattern
        return "".join(parts)

    def _read_atom(self, depth: int) -> str:
        character = self.pattern[self.position]
        self.position += 1
        if character in "^$":
            return ""
        if character == ".":
            return "a"
        if character == "[":
            return self._read_character_class()
        if character == "\\":
            return self._read_escape()
        if character != "(":
            return character
        if found := re.compile(r"\?(?:P?<[A-Za-z_]\w*>|:)").match(self.pattern, self.position):
            self.position = found.end()
        elif self.pattern[self.position] == "?":
            raise _UnsupportedPattern
        text = self.read_alternatives(depth + 1)
        if self.pattern[self.position] != ")":
            raise _UnsupportedPattern
        self.position += 1
        return text

    def _read_escape(self) -> str:
        character = self.pattern[self.position]
        self.position += 1
        if character in "bBAz":
            return ""
        if character in _ESCAPE_EXAMPLES:
            return _ESCAPE_EXAMPLES[character]
        if character.isalnum():
            raise _UnsupportedPattern
        return character

    def _read_character_class(self) -> str:
        """Read a class such as `[^a-z_]` and return one character of it."""
        is_negated = self.pattern[self.position] == "^"
        self.position += is_negated
        start = self.position
        members: list[str] = []
        while self.pattern[self.position] != "]" or self.position == start:
            if self.pattern[self.position] == "\\":
                self.position += 1
                members.append(self._read_escape())
                continue
            members.append(self.pattern[self.position])
            self.position += 1
        self.position += 1
        if not is_negated:
            return members[0]
        body = self.pattern[start : self.position - 1]
        ranges = re.findall(r"(\w)-(\w)", body)
        allowed = (
            character
            for character in "aA0-_ /.:~"
            if character not in members and not any(low <= character <= high for low, high in ranges)
        )
        return next(allowed, "é")

    def _apply_quantifier(self, text: str) -> str:
        """Read the count behind an atom and return the atom's text as often as it asks at least."""
        if self.position == len(self.pattern):
            return text
        character = self.pattern[self.position]
        times = 1
        if character in "*+?":
            self.position += 1
        elif found := _QUANTIFIER.match(self.pattern, self.position):
            self.position = found.end()
            lowest, highest = int(found[1]), found[3]
            times = max(lowest, 0 if highest == "0" else 1) if found[2] else lowest
        else:
            return text
        if self.position < len(self.pattern) and self.pattern[self.position] in "?+":
            self.position += 1
        return text * min(times, MAX_MATCHING_TEXT + 1)
