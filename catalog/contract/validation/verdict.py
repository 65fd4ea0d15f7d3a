"""Verdicts: the result of validating one event, and every rule it broke."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from catalog.contract.json.text import json_text
from catalog.contract.normalized_event import Event


class Verdict(StrEnum):
    """The result for one event."""

    CONFORMING = "conforming"
    NONCONFORMING = "nonconforming"
    UNDOCUMENTED = "undocumented"
    WRONG_SOURCE = "wrong_source"
    RETIRED = "retired"
    UNREADABLE = "unreadable"
    UNCHECKED = "unchecked"


class Severity(StrEnum):
    """Whether a violation makes its event nonconforming."""

    ERROR = "error"
    WARNING = "warning"


class Violation(Struct, frozen=True, kw_only=True):
    """One broken rule in one event.

    `path` is a JSON pointer into the normalised event; `definition_path` the same with `*` for array
    indices and `?` for keys that the definition does not name. `rule` is the JSON Schema keyword or a word
    of ours. `expected` and `came` are for people: at most 200 characters, `came` as JSON text or the word
    nothing.
    """

    path: str
    definition_path: str
    rule: str
    severity: Severity
    expected: str
    came: str

    def as_json(self) -> dict[str, str]:
        """Return the violation as the API shows it."""
        return {
            "path": self.path,
            "definition_path": self.definition_path,
            "rule": self.rule,
            "severity": self.severity.value,
            "expected": self.expected,
            "came": self.came,
        }


class ValidationResult(Struct, frozen=True):
    """A verdict with the violations it rests on, in a stable order."""

    verdict: Verdict
    violations: tuple[Violation, ...] = ()

    @property
    def errors(self) -> tuple[Violation, ...]:
        """The violations that make the event nonconforming."""
        return tuple(found for found in self.violations if found.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Violation, ...]:
        """The violations that do not."""
        return tuple(found for found in self.violations if found.severity is Severity.WARNING)

    def as_json(self) -> dict[str, Any]:
        """Return the result as the API shows it."""
        return {"verdict": self.verdict.value, "violations": [found.as_json() for found in self.violations]}


CONFORMING = ValidationResult(Verdict.CONFORMING)
"""The result of every event without a violation."""


def result_from_violations(violations: tuple[Violation, ...]) -> ValidationResult:
    """Return the result for these violations: conforming unless one is an error."""
    if not violations:
        return CONFORMING
    has_error = any(found.severity is Severity.ERROR for found in violations)
    return ValidationResult(Verdict.NONCONFORMING if has_error else Verdict.CONFORMING, violations)


def undocumented(event: Event) -> ValidationResult:
    """Return the result for an event that is not defined."""
    return _single_violation_result(Verdict.UNDOCUMENTED, "an event that the catalog defines", event.event)


def wrong_source(event: Event) -> ValidationResult:
    """Return the result for an event that is defined, but not for the source that sent it."""
    return _single_violation_result(Verdict.WRONG_SOURCE, "an event that this source is meant to send", event.event)


def retired(event: Event) -> ValidationResult:
    """Return the result for an event that should no longer be sent."""
    return _single_violation_result(Verdict.RETIRED, "no more events of this name", event.event)


def unreadable(event: Event, reason: str = "an event with a name") -> ValidationResult:
    """Return the result for an event without a usable name or shape; `reason` says what was expected."""
    return _single_violation_result(Verdict.UNREADABLE, reason, event.event)


def unchecked(event: Event) -> ValidationResult:
    """Return the result for an event that we failed to check; it breaks no rule."""
    return ValidationResult(Verdict.UNCHECKED)


def _single_violation_result(verdict: Verdict, expected: str, came: Any) -> ValidationResult:
    violation = Violation(
        path="/event",
        definition_path="/event",
        rule=verdict.value,
        severity=Severity.ERROR,
        expected=expected,
        came="nothing" if came is None else json_text(came),
    )
    return ValidationResult(verdict, (violation,))
