"""Samples tried against a definition: what it would say of events that already came."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.contract import Contract, Event, Severity, Verdict, Violation, json_text
from tracking.traffic.models import Sample
from tracking.traffic.privacy.masking import CUT

WORST_SHOWN = 5
FIELDS = frozenset(Event.__struct_fields__) - {"faults"}


@dataclass(slots=True)
class Trial:
    """How many samples conform, how many do not, and of how many a mask hides the answer."""

    conforming: int = 0
    nonconforming: int = 0
    unknown: int = 0
    broken: Counter[tuple[str, str]] = field(default_factory=Counter)  # (definition path, rule)
    witness: dict[str, Any] | None = None

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
            "broken": [
                {"path": path, "rule": rule, "count": count}
                for (path, rule), count in sorted(self.broken.items(), key=lambda item: (-item[1], item[0]))[
                    :WORST_SHOWN
                ]
            ],
            "witness": self.witness,
        }


def event_of(sample: Sample) -> Event:
    """Return a stored sample as the event that the contract reads."""
    known = {name: value for name, value in sample.event.items() if name in FIELDS}
    known.setdefault("call", sample.seen_name.call)
    return Event(**known)


def seen_violations(contract: Contract, sample: Sample) -> list[Violation]:
    """Return what of a sample breaks a contract, warnings included, as far as a mask lets it be seen."""
    return [found for found in contract.check(event_of(sample)).violations if not _is_hidden(found, sample)]


def seen_verdict(contract: Contract, sample: Sample) -> tuple[Verdict | None, list[Violation]]:
    """Return the verdict on a sample as far as a mask lets it be seen, and the violations that are seen.

    A violation at or around a hidden value says nothing of what really came. A sample with a visible error does
    not conform; one with a hidden value of the parts that definitions speak of may or may not (None); any other does.
    """
    seen = seen_violations(contract, sample)
    if any(found.severity == Severity.ERROR for found in seen):
        return Verdict.NONCONFORMING, seen
    if any(path.split("/")[1] in contract.parts for path in sample.masked):
        return None, seen
    return Verdict.CONFORMING, seen


def try_samples(contract: Contract, samples: Iterable[Sample]) -> Trial:
    """Hold samples against a contract, each as `seen_verdict` does; what a mask hides counts as unknown."""
    trial = Trial()
    for sample in samples:
        verdict, seen = seen_verdict(contract, sample)
        if verdict == Verdict.NONCONFORMING:
            errors = [found for found in seen if found.severity == Severity.ERROR]
            trial.nonconforming += 1
            trial.broken.update({(violation.definition_path, violation.rule) for violation in errors})
            if trial.witness is None:
                trial.witness = {"event": sample.event, "violations": [error.as_json() for error in errors]}
        elif verdict is None:
            trial.unknown += 1
        else:
            trial.conforming += 1
    return trial


def _is_hidden(violation: Violation, sample: Sample) -> bool:
    """Whether a violation rests on what a mask replaced or cut off: at its path, inside it or around it.

    A mask keeps types, so a wrong type at a hidden value is seen, unless the value was cut as a whole; and a key that
    is missing or unknown is seen as long as nothing around it was cut.
    """
    for path in sample.masked:
        if violation.path.startswith(f"{path}/"):
            return True
        if path == violation.path or path.startswith(f"{violation.path}/"):
            is_seen = violation.rule in ("required", "unknown_property")
            is_seen = is_seen or (violation.rule == "type" and violation.came != json_text(CUT))
            if not is_seen:
                return True
    return False
