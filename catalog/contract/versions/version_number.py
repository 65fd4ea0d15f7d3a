"""Numbers of versions: computed from how a version differs from its parent, never typed."""

import re
from enum import StrEnum
from typing import NamedTuple

_FORM = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)


class Change(StrEnum):
    """How far a version is from its parent."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


class Number(NamedTuple):
    """The number of a version, ordered as numbers are: 1.9.0 before 1.10.0."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> "Number":
        """Return the number that a text such as `1.2.3` spells. Raises ValueError for anything else."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a version number such as 1.2.3")
        return cls(*map(int, found.groups()))


FIRST = Number(1, 0, 0)
"""The number of a version without a parent."""


def next_number(parent: Number | None, change: str) -> Number:
    """Return the number of a version that is this far from its parent; without a parent, the first one.

    `change` is a Change or its word. Raises ValueError for any other word.
    """
    if parent is None:
        return FIRST
    match Change(change):
        case Change.MAJOR:
            return Number(parent.major + 1, 0, 0)
        case Change.MINOR:
            return Number(parent.major, parent.minor + 1, 0)
        case Change.PATCH:
            return Number(parent.major, parent.minor, parent.patch + 1)
        case Change.NONE:
            return parent
