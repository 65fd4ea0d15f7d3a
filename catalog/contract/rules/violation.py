"""Violations: what an event breaks, of the contract or of the event rules."""

from enum import StrEnum

from msgspec import Struct

from catalog.contract.json.pointers import pointer_sort_key


class Severity(StrEnum):
    """Whether a violation makes its event nonconforming."""

    ERROR = "error"
    WARNING = "warning"


class Violation(Struct, frozen=True, kw_only=True):
    """One broken rule in one event.

    `path` is a JSON pointer into the normalised event; `definition_path` the same with `*` for array
    indices and `?` for keys that the definition does not name. `rule` is the JSON Schema keyword or the code
    of a rule of ours. `expected` and `came` are for people: at most 200 characters, `came` as JSON text or the
    word nothing.
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


def violation_sort_key(violation: Violation) -> tuple[tuple[str, ...], str, str, str]:
    """Return the place of a violation among those of its event: by path, then by rule."""
    return pointer_sort_key(violation.path), violation.rule, violation.severity, violation.expected
