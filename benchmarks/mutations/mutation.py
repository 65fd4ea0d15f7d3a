"""One mutation: a place in the code, what stands there, and what a fault would make of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class MutationError(Exception):
    """A mutation that cannot be tried: the sample is to be corrected."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A fault that could be written by mistake, and the tests that have to fail for it.

    `old` must be found exactly once in `file`; `why` says what goes wrong for people, which is what a test should show.
    """

    name: str
    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]

    def apply(self, root: Path) -> None:
        """Write the fault into a copy of the checkout. Raises MutationError unless `old` stands there exactly once."""
        path = root / self.file
        text = path.read_text() if path.is_file() else ""
        if (count := text.count(self.old)) != 1:
            raise MutationError(f"{self.name}: its old text stands {count} times in {self.file}.")
        path.write_text(text.replace(self.old, self.new))
