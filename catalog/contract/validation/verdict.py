"""Verdicts: the result of validating one event, and every rule it broke."""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from catalog.contract.normalized_event import Event
from catalog.contract.rules.violation import Severity, Violation


class Verdict(StrEnum):
    """The result for one event."""

    CONFORMING = "conforming"
    NONCONFORMING = "nonconforming"
    UNDOCUMENTED = "undocumented"
    WRONG_SOURCE = "wrong_source"
    RETIRED = "retired"
    UNREADABLE = "unreadable"
    UNCHECKED = "unchecked"


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


def unchecked(event: Event) -> ValidationResult:
    """Return the result for an event that we failed to check; it breaks no rule."""
    return ValidationResult(Verdict.UNCHECKED)
