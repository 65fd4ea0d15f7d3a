"""A text that matches a regular expression, for the patterns that people write: best effort."""

import re

MAX_TEXT = 2_000
"""Longer texts are given up."""

_MAX_NESTING = 50
_COUNT = re.compile(r"\{(\d{1,4})(,(\d{0,4}))?\}")
_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "t": "\t", "n": "\n", "r": "\r"}


def matching_text(pattern: str) -> str | None:
    """Return a short text that should match a pattern, or None where this small reader does not know how.

    It reads literals, classes, groups, alternatives, anchors and counts. The caller checks the text, since
    boundaries, flags and Unicode classes are beyond it. Never raises.
    """
    reader = _Reader(pattern)
    try:
        text = reader.alternatives(0)
    except (_GivenUp, IndexError):
        return None
    return text if reader.at == len(pattern) and len(text) <= MAX_TEXT else None


class _GivenUp(Exception):
    """The pattern holds something that the reader does not know."""


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def alternatives(self, depth: int) -> str:
        """Read `a|b|c` and return a text for the first of them."""
        if depth > _MAX_NESTING:
            raise _GivenUp
        text = self._sequence(depth)
        while self.at < len(self.pattern) and self.pattern[self.at] == "|":
            self.at += 1
            self._sequence(depth)
        return text

    def _sequence(self, depth: int) -> str:
        parts: list[str] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self._counted(self._atom(depth)))
            if sum(map(len, parts)) > MAX_TEXT:
                raise _GivenUp
        return "".join(parts)

    def _atom(self, depth: int) -> str:
        character = self.pattern[self.at]
        self.at += 1
        if character in "^$":
            return ""
        if character == ".":
            return "a"
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        if character != "(":
            return character
        if found := re.compile(r"\?(?:P?<[A-Za-z_]\w*>|:)").match(self.pattern, self.at):
            self.at = found.end()
        elif self.pattern[self.at] == "?":
            raise _GivenUp
        text = self.alternatives(depth + 1)
        if self.pattern[self.at] != ")":
            raise _GivenUp
        self.at += 1
        return text

    def _escape(self) -> str:
        character = self.pattern[self.at]
        self.at += 1
        if character in "bBAz":
            return ""
        if character in _CLASSES:
            return _CLASSES[character]
        if character.isalnum():
            raise _GivenUp
        return character

    def _class(self) -> str:
        """Read a class such as `[^a-z_]` and return one character of it."""
        is_negated = self.pattern[self.at] == "^"
        self.at += is_negated
        start = self.at
        members: list[str] = []
        while self.pattern[self.at] != "]" or self.at == start:
            if self.pattern[self.at] == "\\":
                self.at += 1
                members.append(self._escape())
                continue
            members.append(self.pattern[self.at])
            self.at += 1
        self.at += 1
        if not is_negated:
            return members[0]
        body = self.pattern[start : self.at - 1]
        ranges = re.findall(r"(\w)-(\w)", body)
        allowed = (
            character
            for character in "aA0-_ /.:~"
            if character not in members and not any(low <= character <= high for low, high in ranges)
        )
        return next(allowed, "é")

    def _counted(self, text: str) -> str:
        """Read the count behind an atom and return the atom's text as often as it asks at least."""
        if self.at == len(self.pattern):
            return text
        character = self.pattern[self.at]
        times = 1
        if character in "*+?":
            self.at += 1
        elif found := _COUNT.match(self.pattern, self.at):
            self.at = found.end()
            lowest, highest = int(found[1]), found[3]
            times = max(lowest, 0 if highest == "0" else 1) if found[2] else lowest
        else:
            return text
        if self.at < len(self.pattern) and self.pattern[self.at] in "?+":
            self.at += 1
        return text * min(times, MAX_TEXT + 1)
