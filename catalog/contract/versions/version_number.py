"""Numbers of versions: computed from how a version differs from its parent, never typed."""

import re
from enum import StrEnum
from typing import NamedTuple

_NUMBER_PATTERN = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)


class VersionBump(StrEnum):
    """How far a version is from its parent."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


class VersionNumber(NamedTuple):
    """The number of a version, ordered as numbers are: 1.9.0 before 1.10.0."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> "VersionNumber":
        """Return the number that a text such as `1.2.3` spells. Raises ValueError for anything else."""
        match = _NUMBER_PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a version number such as 1.2.3")
        return cls(*map(int, match.groups()))


FIRST_VERSION_NUMBER = VersionNumber(1, 0, 0)
"""The number of a version without a parent."""


def next_version_number(parent: VersionNumber | None, bump: str) -> VersionNumber:
    """Return the number of a version that is this far from its parent; without a parent, the first one.

    `bump` is a VersionBump or its value. Raises ValueError for any other text.
    """
    if parent is None:
        return FIRST_VERSION_NUMBER
    match VersionBump(bump):
        case VersionBump.MAJOR:
            return VersionNumber(parent.major + 1, 0, 0)
        case VersionBump.MINOR:
            return VersionNumber(parent.major, parent.minor + 1, 0)
        case VersionBump.PATCH:
            return VersionNumber(parent.major, parent.minor, parent.patch + 1)
        case VersionBump.NONE:
            return parent
