"""Lint rules: what one is, what it finds, and who wrote what it looks at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from msgspec import Struct

Subject = TypeVar("Subject")


class LintSeverity(StrEnum):
    """What a lint issue asks for: an error is refused, a warning is accepted with a reason, a note is only told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Authorship(StrEnum):
    """Who wrote a definition. What a vendor wrote is taken as it is, so that all of it is notes."""

    PERSON = "person"
    IMPORTER = "importer"


class LintMatch(Struct, frozen=True, kw_only=True):
    """Where a rule applies: a JSON pointer, a sentence, and the value that it is about.

    `subject` is what somebody has to change for the issue to be theirs: the same value at the same pointer of the
    version before is an old one.
    """

    path: str
    detail: str
    subject: Any = None


class LintIssue(Struct, frozen=True, kw_only=True, order=True):
    """One thing that the lint found. `path` is a JSON pointer, `place` the same as people read it.

    `sources` are those on which alone it is so, by what `per_source` says of them; none: it is so everywhere.
    """

    path: str
    code: str
    severity: LintSeverity
    place: str
    detail: str
    sources: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The place and what is to be done there, in one line."""
        return f"{self.place}: {self.detail}" if self.place else self.detail

    def as_json(self) -> dict[str, Any]:
        """Return the issue as rows keep it and the API shows it."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.path,
            "place": self.place,
            "detail": self.detail,
            "sources": list(self.sources),
        }


@dataclass(frozen=True, slots=True)
class LintText:
    """What people read of a rule, with an example that breaks it and one that does not, as JSON text."""

    what: str
    bad: str
    good: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRule(Generic[Subject]):
    """One lint rule. `severity` is that of what a person writes anew; `check` reads nothing but its subject."""

    code: str
    severity: LintSeverity
    text: LintText
    check: Callable[[Subject], Iterable[LintMatch]]
