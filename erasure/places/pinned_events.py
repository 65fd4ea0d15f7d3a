"""Rows that are written once: events that a step pinned, and whose events a signature counted.

The verdict, the rules that were broken and all counts stay: on them a delivery rests.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from accounts.history import allow_purge
from accounts.models import HistoryEntry, User
from erasure.subject import Subject
from tracking.requests.models import PinnedEvent, Verification
from tracking.traffic.privacy.masking import FULLY_MASKED, HIDDEN

REASON = "The data of a user or device was erased (subject “erasure”)."


def erase_pinned_events(subject: Subject) -> Counter[str]:
    """Empty the events that were pinned, and take the subject's hash out of signatures and of their history."""
    pinned = [row for row in PinnedEvent.objects.order_by("pk").iterator() if subject.owns_stored(row.content["event"])]
    signed = [row for row in Verification.objects.order_by("pk").iterator() if _is_named_in(row.evidence, subject)]
    told_by_history = Q(evidence__sample__pinned__in=[row.pk for row in pinned]) | _holds_hash(subject)
    entries = list(HistoryEntry.objects.filter(told_by_history).order_by("pk"))
    if not (pinned or signed or entries):
        return Counter()
    with allow_purge(by=User.objects.system(), reason=REASON):
        for row in pinned:
            PinnedEvent.objects.filter(pk=row.pk).update(content=_emptied(row.content))
        for signature in signed:
            evidence = _without(signature.evidence, subject)
            Verification.objects.filter(pk=signature.pk).update(evidence=evidence)
        for entry in entries:
            evidence = _without_keys_of_event(_without_hashes(entry.evidence, subject))
            HistoryEntry.objects.filter(pk=entry.pk).update(evidence=evidence)
    return +Counter({"pinned events": len(pinned), "signatures": len(signed), "entries of history": len(entries)})


def _holds_hash(subject: Subject) -> Q:
    """Return the condition that a signature of QA counted the events of the subject, as history tells it."""
    condition = Q(pk__in=[])
    for hashed in sorted(subject.hashes):
        condition |= Q(evidence__contains={"ids": [str(hashed)]})
    return condition


def _is_named_in(evidence: dict[str, Any], subject: Subject) -> bool:
    return bool(_counted_hashes(evidence, subject)) or any(_theirs(evidence, subject))


def _counted_hashes(evidence: dict[str, Any], subject: Subject) -> set[str]:
    ids = evidence.get("ids")
    return {str(hashed) for hashed in subject.hashes} & set(ids if isinstance(ids, list) else ())


def _theirs(evidence: dict[str, Any], subject: Subject) -> Iterator[bool]:
    return (subject.owns_stored(sample["event"]) for sample in evidence.get("samples", ()))


def _without(evidence: dict[str, Any], subject: Subject) -> dict[str, Any]:
    """Return the evidence of a signature without the subject."""
    samples = [
        _emptied(sample) if theirs else sample
        for sample, theirs in zip(evidence.get("samples", ()), _theirs(evidence, subject), strict=True)
    ]
    return {**_without_hashes(evidence, subject), "samples": samples}


def _without_hashes(evidence: dict[str, Any], subject: Subject) -> dict[str, Any]:
    """Return evidence that says of how many erased ids the events were, and no more of which."""
    counted = _counted_hashes(evidence, subject)
    if not counted:
        return evidence
    ids = [hashed for hashed in evidence["ids"] if hashed not in counted]
    return {**evidence, "ids": ids, "erased_ids": evidence.get("erased_ids", 0) + len(counted)}


def _without_keys_of_event(evidence: dict[str, Any]) -> dict[str, Any]:
    """Return what history says of a pinned event with the paths of its definition: a key may be an id."""
    if "sample" not in evidence:
        return evidence
    violations = [
        {**violation, "path": violation.get("definition_path", "")} for violation in evidence["sample"]["violations"]
    ]
    return {**evidence, "sample": {**evidence["sample"], "violations": violations}}


def _emptied(content: dict[str, Any]) -> dict[str, Any]:
    """Return a pinned event of which its time, its verdict and the rules that it broke are left."""
    violations = [
        {**violation, "path": violation.get("definition_path", ""), "came": HIDDEN}
        for violation in content.get("violations", ())
    ]
    return {**content, "violations": violations, "event": FULLY_MASKED.event, "masked": list(FULLY_MASKED.paths)}
