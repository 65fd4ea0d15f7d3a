"""A change as pages read it: what differs from its base, how far that is, and the number it gets."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from catalog.contract import Change as Distance
from catalog.contract import (
    Difference,
    Number,
    Outcome,
    Problem,
    PropertyLine,
    compare,
    compare_everywhere,
    diff,
    next_number,
    problems,
    properties_of,
)
from catalog.models import Event, Source
from tracking.requests.models import Change, Delivery

OUTCOMES = {
    Outcome.EQUAL: "Nothing differs from the version that it builds on.",
    Outcome.WORDS: "Only words for people differ. What is sent stays as it is.",
    Outcome.COMPATIBLE: "Compatible: every event that was valid stays valid.",
    Outcome.BREAKING: "Breaking: some event that was valid is valid no more.",
    Outcome.UNPROVEN: "Not proven compatible, so it is treated as breaking.",
}
TONES = {Outcome.BREAKING: "bad", Outcome.UNPROVEN: "warn", Outcome.COMPATIBLE: "ok"}
DISTANCES = tuple(Distance)
LINES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a change compares with its base: in words, the distance, and a payload that it would break."""

    words: str
    reason: str
    distance: str
    tone: str
    witness: dict[str, Any] | None


@dataclass
class ChangeReading:
    """One change of a request; each part is worked out once, when it is asked for."""

    change: Change
    problems: list[Problem] = field(default_factory=list)
    alike: list[Event] = field(default_factory=list)  # live events of nearly the name of a new one

    def __post_init__(self) -> None:
        if self.change.is_defining:
            self.problems = problems(self.change.definition)

    @cached_property
    def sources(self) -> list[Source]:
        return list(self.change.sources.all())

    @cached_property
    def deliveries(self) -> list[Delivery]:
        return list(self.change.deliveries.all())

    @property
    def is_readable(self) -> bool:
        """Whether it carries a definition that can be shown property by property."""
        return self.change.is_defining and not self.problems

    @cached_property
    def differences(self) -> list[Difference]:
        """What differs from the base."""
        if not self.is_readable or self.change.base is None:
            return []
        return diff(self.change.base.definition, self.change.definition)

    @property
    def is_first(self) -> bool:
        """Whether there is nothing yet that it could differ from."""
        return self.change.base is None

    @cached_property
    def lines(self) -> list[PropertyLine]:
        """The properties of a first version, which are all new."""
        return properties_of(self.change.definition)[:LINES_SHOWN] if self.is_readable else []

    @cached_property
    def verdict(self) -> Verdict | None:
        """The largest comparison with the base: as it was approved, else as the draft now stands; None for a first."""
        base, version = self.change.base, self.change.version
        if base is None or not self.is_readable:
            return None
        if version is not None and version.comparison:
            return _told(version.comparison, str(version.change_kind))
        found = [compare_everywhere(base.definition, self.change.definition)]
        found += [compare(base.definition, self.change.definition, source=source.slug) for source in self.sources]
        largest = max(found, key=lambda each: DISTANCES.index(each.change))
        return _told(largest.as_json(), largest.change)

    @cached_property
    def number(self) -> str:
        """The number of its version; of a draft, the one that it would get today. "" where it gets none."""
        if self.change.version is not None:
            return str(self.change.version.number)
        if not self.is_readable:
            return ""
        base, verdict = self.change.base, self.verdict
        if base is None or verdict is None:
            return str(next_number(None, Distance.MAJOR))
        step = Distance.PATCH if verdict.distance == Distance.NONE else verdict.distance
        return str(next_number(Number(base.major, base.minor, base.patch), step))


def _told(comparison: dict[str, Any], distance: str) -> Verdict:
    try:
        outcome = Outcome(comparison.get("outcome", ""))
    except ValueError:
        return Verdict("First version for one of its sources.", "", distance, "neutral", None)
    return Verdict(
        words=OUTCOMES[outcome],
        reason=str(comparison.get("reason") or ""),
        distance=distance,
        tone=TONES.get(outcome, "neutral"),
        witness=comparison.get("witness"),
    )
