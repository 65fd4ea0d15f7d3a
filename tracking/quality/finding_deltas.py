"""Violations of one checked batch, grouped into what each finding gains by them."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from catalog.contract import Severity, Violation, json_text
from catalog.contract.json.pointers import ABSENT, parse_pointer, value_at
from tracking.traffic.check.check_results import CheckedEvent

MAX_PATH_LENGTH = 1000
MAX_TEXT_LENGTH = 300
MAX_SAMPLES = 5

# (seen name's id, definition path, rule): with source and environment, what a finding is one of.
FindingKey = tuple[int, str, str]


class Occurrence(NamedTuple):
    """An event, and the first of its violations that belong to a finding."""

    event: CheckedEvent
    violation: Violation


@dataclass(slots=True)
class FindingDelta:
    """What a finding gains by one batch. Severity, expected and came are those of the newest event.

    What is told of single events is made when it is asked for, of the few that are kept.
    """

    severity: Severity
    first_seen: datetime
    last_seen: datetime
    count: int = 0
    app_versions: Counter[str] = field(default_factory=Counter)
    app_versions_last_at: dict[str, datetime] = field(default_factory=dict)  # when it happened there last
    versions: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    _newest: Occurrence | None = None
    _kept: deque[Occurrence] = field(default_factory=lambda: deque(maxlen=MAX_SAMPLES))  # newest last

    @property
    def expected(self) -> str:
        return self._newest.violation.expected[:MAX_TEXT_LENGTH] if self._newest else ""

    @property
    def came(self) -> str:
        return masked_came_text(*self._newest) if self._newest else ""

    @property
    def samples(self) -> list[dict[str, Any]]:
        """The newest events that show it, newest first, as they are stored."""
        return [_as_sample(event, violation) for event, violation in reversed(self._kept)]

    def add_event(self, event: CheckedEvent, violation: Violation) -> None:
        """Count an event by the first of its violations that belong to the finding."""
        self.count += 1
        received_at, app_version = event.received_at, event.app_version
        if received_at >= self.last_seen:
            self.severity = violation.severity
            self.last_seen = received_at
            self._newest = Occurrence(event, violation)
        elif received_at < self.first_seen:
            self.first_seen = received_at
        self.app_versions[app_version] += 1
        self._note_app_version(app_version, event.event_time)
        self.versions[event.version_number] += 1
        self._kept.append(Occurrence(event, violation))

    def add_unknown_key(self, violation: Violation) -> None:
        """Count the key of a violation, where it is one that the definition does not name."""
        if violation.definition_path.endswith("/?"):
            self.unknown_keys[parse_pointer(violation.path)[-1][:MAX_TEXT_LENGTH]] += 1

    def merge(self, other: "FindingDelta") -> None:
        """Add what another finding would have gained, without what is of its kind alone: the worse severity counts."""
        self.count += other.count
        if other.severity == Severity.ERROR:
            self.severity = Severity.ERROR
        self.first_seen = min(self.first_seen, other.first_seen)
        self.last_seen = max(self.last_seen, other.last_seen)
        self.app_versions += other.app_versions
        for app_version, last_at in other.app_versions_last_at.items():
            self._note_app_version(app_version, last_at)
        self.versions += other.versions
        self._kept.extend(other._kept)

    def _note_app_version(self, app_version: str, at: datetime) -> None:
        last_at = self.app_versions_last_at.get(app_version)
        if last_at is None or at > last_at:
            self.app_versions_last_at[app_version] = at


def _as_sample(event: CheckedEvent, violation: Violation) -> dict[str, Any]:
    return {
        "received_at": event.received_at.isoformat(),
        "event_time": event.event_time.isoformat(),
        "app_version": event.app_version,
        "path": violation.path,
        "event": event.masked_event,
    }


def masked_came_text(event: CheckedEvent, violation: Violation) -> str:
    """Return what came, as it may be stored: read from the masked event, not from the event itself.

    Where the path leads nowhere (a missing property, a verdict of the whole event) the violation's
    own words, which then hold no value.
    """
    value = value_at(event.masked_event, parse_pointer(violation.path)) if violation.path else ABSENT
    if value is None and violation.came == "nothing":  # a field of the event that did not come
        return violation.came
    if value is not ABSENT:
        return json_text(value, MAX_TEXT_LENGTH)
    return "" if violation.path and event.masked_paths else violation.came[:MAX_TEXT_LENGTH]


def group_by_finding(events: Iterable[CheckedEvent]) -> dict[FindingKey, FindingDelta]:
    """Group the violations of events (repeats left out by the caller) by finding, in sorted key order.

    A finding counts events: an array with a hundred bad items, and an object with a hundred unknown keys, is one event
    that breaks the rule.
    """
    deltas: dict[FindingKey, FindingDelta] = {}
    for event in events:
        if not event.result.violations:
            continue
        counted_keys: set[FindingKey] = set()
        for violation in event.result.violations:
            key = (event.seen_name_id, violation.definition_path[:MAX_PATH_LENGTH], violation.rule)
            if key not in deltas:
                deltas[key] = FindingDelta(violation.severity, event.received_at, event.received_at)
            if key not in counted_keys:
                counted_keys.add(key)
                deltas[key].add_event(event, violation)
            deltas[key].add_unknown_key(violation)
    return dict(sorted(deltas.items()))
