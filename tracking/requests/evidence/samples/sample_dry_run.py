"""Samples tried against a definition: what it would say of events that already came."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.contract import Contract, Event, Severity, Verdict, Violation, json_text
from tracking.traffic.check.stored_events import event_from_stored
from tracking.traffic.models import Sample
from tracking.traffic.privacy.masking import TRUNCATED

TOP_VIOLATIONS = 5


@dataclass(slots=True)
class SampleDryRun:
    """How many samples conform, how many do not, and of how many a mask hides the answer.

    `stopping` counts, of those that do not, the ones that conform today.
    """

    conforming: int = 0
    nonconforming: int = 0
    unknown: int = 0
    stopping: int = 0
    violation_counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # (definition path, rule)
    stopping_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    counterexample: dict[str, Any] | None = None

    @property
    def total(self) -> int:
        return self.conforming + self.nonconforming + self.unknown

    def as_json(self) -> dict[str, Any]:
        """Return the counts, the most frequent violations and one event that would not conform."""
        return {
            "total": self.total,
            "conforming": self.conforming,
            "nonconforming": self.nonconforming,
            "unknown": self.unknown,
            "stopping": self.stopping,
            "broken": [
                {"path": path, "rule": rule, "count": count, "stopping": self.stopping_counts[path, rule]}
                for (path, rule), count in sorted(self.violation_counts.items(), key=lambda item: (-item[1], item[0]))[
                    :TOP_VIOLATIONS
                ]
            ],
            "witness": self.counterexample,
        }


def event_from_sample(sample: Sample) -> Event:
    """Return a stored sample as the event that the contract reads."""
    return event_from_stored(sample.event, sample.seen_name.call)


def visible_violations(contract: Contract, sample: Sample) -> list[Violation]:
    """Return what of a sample breaks a contract, warnings included, as far as a mask lets it be seen."""
    return [found for found in contract.check(event_from_sample(sample)).violations if not _is_masked(found, sample)]


def visible_verdict(contract: Contract, sample: Sample) -> tuple[Verdict | None, list[Violation]]:
    """Return the verdict on a sample as far as a mask lets it be seen, and the violations that are seen.

    A violation at or around a hidden value says nothing of what really came. A sample with a visible error does
    not conform; one with a hidden value of the parts that definitions describe may or may not (None); any other does.
    """
    violations = visible_violations(contract, sample)
    if any(violation.severity == Severity.ERROR for violation in violations):
        return Verdict.NONCONFORMING, violations
    if any(path.split("/")[1] in contract.parts for path in sample.masked):
        return None, violations
    return Verdict.CONFORMING, violations


def dry_run_samples(contract: Contract, samples: Iterable[Sample], *, base: Contract | None = None) -> SampleDryRun:
    """Validate samples against a contract, each as `visible_verdict` does; what a mask hides counts as unknown.

    Of those that do not conform, those are `stopping` that conform to `base`; where a mask hides that, what the check
    said of the event when it came decides. Without a base, none conforms to anything yet.
    """
    dry_run = SampleDryRun()
    for sample in samples:
        verdict, violations = visible_verdict(contract, sample)
        if verdict == Verdict.NONCONFORMING:
            errors = [found for found in violations if found.severity == Severity.ERROR]
            dry_run.nonconforming += 1
            broken = {(violation.definition_path, violation.rule) for violation in errors}
            dry_run.violation_counts.update(broken)
            if base is not None and _conforms_today(base, sample):
                dry_run.stopping += 1
                dry_run.stopping_counts.update(broken)
            if dry_run.counterexample is None:
                dry_run.counterexample = {"event": sample.event, "violations": [error.as_json() for error in errors]}
        elif verdict is None:
            dry_run.unknown += 1
        else:
            dry_run.conforming += 1
    return dry_run


def _conforms_today(base: Contract, sample: Sample) -> bool:
    verdict = visible_verdict(base, sample)[0]
    return (sample.verdict if verdict is None else verdict) == Verdict.CONFORMING


def _is_masked(violation: Violation, sample: Sample) -> bool:
    """Whether a violation rests on what a mask replaced or cut off: at its path, inside it or around it.

    A mask keeps types, so a wrong type at a hidden value is seen, unless the value was cut as a whole; and a key that
    is missing or unknown is seen as long as nothing around it was cut.
    """
    for path in sample.masked:
        if violation.path.startswith(f"{path}/"):
            return True
        if path == violation.path or path.startswith(f"{violation.path}/"):
            is_visible = violation.rule in ("required", "unknown_property")
            is_visible = is_visible or (violation.rule == "type" and violation.came != json_text(TRUNCATED))
            if not is_visible:
                return True
    return False
