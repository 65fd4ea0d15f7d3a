"""A change as pages read it: what differs from its base, how far that is, and the number it gets."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from catalog.contract import (
    ComparisonOutcome,
    Difference,
    LintIssue,
    PropertySummary,
    VersionNumber,
    compare_for_all_sources,
    diff,
    list_properties,
    next_version_number,
)
from catalog.contract import VersionBump as Distance
from catalog.library_warnings import LibraryWarning
from catalog.models import Event, Source
from catalog.sensitivity.version_sensitivity import LoosenedSensitivity, loosened_sensitivities
from tracking.requests.evidence.draft_lint import lint_issues
from tracking.requests.models import Change, Delivery

OUTCOME_SUMMARIES = {
    ComparisonOutcome.EQUAL: "Nothing differs from the version that it builds on.",
    ComparisonOutcome.WORDS: "Only words differ. What is sent stays as it is.",
    ComparisonOutcome.COMPATIBLE: "Compatible: every event that was valid stays valid.",
    ComparisonOutcome.BREAKING: "Breaking: some event that passes now would not.",
    ComparisonOutcome.UNPROVEN: "Not proven compatible, so it is treated as breaking.",
}
OUTCOME_TONES = {
    ComparisonOutcome.BREAKING: "bad",
    ComparisonOutcome.UNPROVEN: "warn",
    ComparisonOutcome.COMPATIBLE: "ok",
}
MAX_PROPERTIES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """How a change compares with its base: in words, the distance, and a payload that it would break."""

    summary: str
    reason: str
    version_bump: str
    tone: str
    counterexample: dict[str, Any] | None


@dataclass
class ChangePresenter:
    """One change of a request; each part is computed once, on first use."""

    change: Change
    similar_events: list[Event] = field(default_factory=list)  # live events of nearly the name of a new one
    warnings: list[LibraryWarning] = field(default_factory=list)  # what it says anew that contradicts the library

    @property
    def problems(self) -> list[dict[str, str]]:
        """What keeps its definition from compiling, as of its last edit: code, path and detail."""
        return list(self.change.problems)

    @cached_property
    def lint(self) -> list[LintIssue]:
        """What the lint found in its definition, as of its last edit."""
        return lint_issues(self.change, is_preview=True)

    @cached_property
    def sources(self) -> list[Source]:
        return list(self.change.sources.all())

    @cached_property
    def deliveries(self) -> list[Delivery]:
        return list(self.change.deliveries.all())

    @property
    def has_valid_definition(self) -> bool:
        """Whether it carries a definition that can be shown property by property."""
        return self.change.has_valid_definition

    @cached_property
    def differences(self) -> list[Difference]:
        """What differs from the base."""
        if not self.has_valid_definition or self.change.base is None:
            return []
        return diff(self.change.base.definition, self.change.definition)

    @cached_property
    def loosened(self) -> list[LoosenedSensitivity]:
        """Where it would hide less than its base does; empty once it is approved, since then that is decided."""
        if not self.has_valid_definition or self.change.base is None or self.change.version is not None:
            return []
        return loosened_sensitivities(self.change.base, self.change.definition)

    @property
    def is_first_version(self) -> bool:
        """Whether there is nothing yet that it could differ from."""
        return self.change.base is None

    @cached_property
    def lines(self) -> list[PropertySummary]:
        """The properties of a first version, which are all new."""
        return list_properties(self.change.definition)[:MAX_PROPERTIES_SHOWN] if self.has_valid_definition else []

    @cached_property
    def verdict(self) -> ComparisonSummary | None:
        """The largest comparison with the base: as it was approved, else as the draft now stands; None for a first."""
        base, version = self.change.base, self.change.version
        if base is None or not self.has_valid_definition:
            return None
        if version is not None and version.comparison:
            return _summarize_comparison(version.comparison, str(version.change_kind))
        largest = compare_for_all_sources(base.definition, self.change.definition)
        return _summarize_comparison(largest.as_json(), largest.version_bump)

    @cached_property
    def number(self) -> str:
        """The number of its version; of a draft, the one that it would get today. "" where it gets none."""
        if self.change.version is not None:
            return str(self.change.version.number)
        if not self.has_valid_definition:
            return ""
        base, comparison = self.change.base, self.verdict
        if base is None or comparison is None:
            return str(next_version_number(None, Distance.MAJOR))
        step = Distance.PATCH if comparison.version_bump == Distance.NONE else comparison.version_bump
        return str(next_version_number(VersionNumber(base.major, base.minor, base.patch), step))


def _summarize_comparison(comparison: dict[str, Any], version_bump: str) -> ComparisonSummary:
    try:
        outcome = ComparisonOutcome(comparison.get("outcome", ""))
    except ValueError:
        return ComparisonSummary("First version for one of its sources.", "", version_bump, "neutral", None)
    return ComparisonSummary(
        summary=OUTCOME_SUMMARIES[outcome],
        reason=str(comparison.get("reason") or ""),
        version_bump=version_bump,
        tone=OUTCOME_TONES.get(outcome, "neutral"),
        counterexample=comparison.get("witness"),
    )
