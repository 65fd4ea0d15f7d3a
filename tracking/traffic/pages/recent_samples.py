"""What arrived last from a source outside production: the first thing a developer looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.choices import Environment
from catalog.contract import Severity, Violation
from catalog.models import Event, Source
from tracking.traffic.check.dry_run import Adviser
from tracking.traffic.check.stored_events import event_from_stored
from tracking.traffic.models import Sample

MAX_SHOWN = 8
MAX_VIOLATIONS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ShownViolation:
    """A broken rule of an arrival, and what would do instead: "" where that is not known."""

    violation: Violation
    advice: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event that arrived, what is wrong with it, and the event of the catalog that it was held against, if any."""

    sample: Sample
    violations: list[ShownViolation]

    @property
    def event(self) -> Event | None:
        return self.sample.version.event if self.sample.version else None

    @property
    def hidden_count(self) -> int:
        """How many of its violations are not shown."""
        return len(self.sample.violations) - len(self.violations)


def recent_arrivals(source: Source) -> list[Arrival]:
    """Return a source's newest events outside production, each with what is wrong and what would do instead.

    One query; one more for each version that this process has not compiled yet.
    """
    samples = Sample.objects.filter(source=source).exclude(environment=Environment.PRODUCTION)
    newest = samples.select_related("seen_name", "version__event").defer("version__definition", "version__comparison")
    adviser = Adviser(source)
    return [_arrival(sample, adviser) for sample in newest.newest_first()[:MAX_SHOWN]]


def _arrival(sample: Sample, adviser: Adviser) -> Arrival:
    errors_first = sorted(sample.violations, key=lambda each: each["severity"] != Severity.ERROR)
    violations = [_violation(stored) for stored in errors_first[:MAX_VIOLATIONS_SHOWN]]
    event = event_from_stored(sample.event, sample.seen_name.call)
    # What a mask left of a value says nothing of how the value was wrong.
    advice = [
        "" if violation.path in sample.masked else text
        for violation, text in zip(violations, adviser.advise(event, sample.version_id, violations), strict=True)
    ]
    return Arrival(sample, [ShownViolation(*pair) for pair in zip(violations, advice, strict=True)])


def _violation(stored: Mapping[str, Any]) -> Violation:
    texts = {name: str(stored.get(name) or "") for name in ("path", "definition_path", "rule", "expected", "came")}
    return Violation(severity=Severity(stored["severity"]), **texts)
