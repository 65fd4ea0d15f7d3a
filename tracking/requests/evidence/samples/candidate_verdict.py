"""The candidate verdict on a stored event: its verdict by the version of a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import Verdict
from catalog.resolution.contract_cache import get_contract
from tracking.requests.evidence.samples.sample_dry_run import visible_verdict
from tracking.requests.models import Delivery
from tracking.traffic.models import Sample

HIDDEN_VERDICT = "hidden"
"""In place of the verdict on an event from before the version was approved, where a mask hides what decides it."""


@dataclass(frozen=True, slots=True)
class CandidateVerdict:
    """A verdict on a sample, or `HIDDEN_VERDICT`, and the violations, warnings included, as JSON."""

    verdict: str
    violations: Sequence[dict[str, Any]]


def candidate_verdict(sample: Sample, delivery: Delivery) -> CandidateVerdict:
    """Return what the delivery's version says of a sample.

    The check, which saw the event before it was masked, kept that for each version with an open delivery. A sample
    from before the version was approved is tried as it is stored. A retirement has no version: its samples keep their
    own verdict, as do those that cannot be read.
    """
    version_id = delivery.change.version_id
    if version_id in (None, sample.version_id) or sample.verdict == Verdict.UNREADABLE:
        return CandidateVerdict(sample.verdict, sample.violations)
    stored = sample.second_verdicts.get(str(version_id))
    if stored is not None:
        return CandidateVerdict(stored["verdict"], stored["violations"])
    verdict, violations = visible_verdict(get_contract(version_id, delivery.source), sample)
    return CandidateVerdict(
        HIDDEN_VERDICT if verdict is None else verdict.value, [violation.as_json() for violation in violations]
    )
