"""Violations of one checked batch, grouped into what each finding gains by them."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.contract import Severity, Violation
from tracking.traffic.check.check_results import CheckedEvent

PATH_LENGTH = 1000
TEXT_LENGTH = 300
SAMPLES = 5

# (seen name's id, definition path, rule): with source and environment, what a finding is one of.
Key = tuple[int, str, str]


@dataclass(slots=True)
class Gain:
    """What a finding gains by one batch."""

    severity: Severity
    first_seen: datetime
    last_seen: datetime
    expected: str = ""
    came: str = ""
    count: int = 0
    app_versions: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, checked: CheckedEvent, violation: Violation) -> None:
        """Count one violation of one event."""
        self.count += 1
        if violation.severity == Severity.ERROR:
            self.severity = Severity.ERROR
        self.first_seen = min(self.first_seen, checked.received_at)
        self.last_seen = max(self.last_seen, checked.received_at)
        self.expected = violation.expected[:TEXT_LENGTH]
        self.came = came_text(checked, violation)
        self.app_versions[checked.app_version] += 1
        self.versions[checked.version_number] += 1
        if violation.definition_path.endswith("/?"):
            self.unknown_keys[violation.path.rsplit("/", 1)[-1][:TEXT_LENGTH]] += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(
                {
                    "received_at": checked.received_at.isoformat(),
                    "app_version": checked.app_version,
                    "path": violation.path,
                    "event": checked.masked_event,
                }
            )


def came_text(checked: CheckedEvent, violation: Violation) -> str:
    """Return what came, as it may be stored: read from the masked event, not from the event itself.

    Where the path leads nowhere (a missing property, a verdict of the whole event) the violation's
    own words, which then hold no value.
    """
    value: Any = checked.masked_event
    for step in violation.path.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif checked.masked_paths:
            return ""
        else:
            return violation.came[:TEXT_LENGTH]
    if not violation.path:
        return violation.came[:TEXT_LENGTH]
    return json.dumps(value, ensure_ascii=False)[:TEXT_LENGTH]


def gains(events: Iterable[CheckedEvent]) -> dict[Key, Gain]:
    """Group the violations of events (repeats left out by the caller) by finding, in sorted key order."""
    grouped: dict[Key, Gain] = {}
    for checked in events:
        counted: set[Key] = set()
        for violation in checked.judgement.violations:
            key = (checked.seen_name_id, violation.definition_path[:PATH_LENGTH], violation.rule)
            if key in counted and not violation.definition_path.endswith("/?"):
                continue  # an array with a hundred bad items is one event that breaks the rule
            counted.add(key)
            if key not in grouped:
                grouped[key] = Gain(violation.severity, checked.received_at, checked.received_at)
            grouped[key].add(checked, violation)
    return dict(sorted(grouped.items()))
