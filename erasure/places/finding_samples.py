"""Findings: the newest events that show each, what came in the newest, and keys that nobody defined."""

from collections import Counter

from catalog.contract.json.text import json_text
from erasure.subject import Subject
from tracking.quality.finding_recorder import OVERFLOW_KEY
from tracking.quality.models import Finding

ROWS_AT_ONCE = 500
COLUMNS = ("samples", "came", "unknown_keys")


def erase_from_findings(subject: Subject) -> Counter[str]:
    """Take the subject's events out of findings. All that was counted stays."""
    rows = Finding.objects.order_by("pk").only("pk", *COLUMNS).iterator(ROWS_AT_ONCE)
    ids = [finding.pk for finding in rows if _erase_from(finding, subject)]
    erased: Counter[str] = Counter()
    # Locked and looked at anew: somebody may be at work on a finding.
    for finding in Finding.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        erased["events of findings"] += len(finding.samples)
        is_changed = _erase_from(finding, subject)
        erased["events of findings"] -= len(finding.samples)
        if is_changed:
            erased["findings"] += 1
            finding.save(update_fields=COLUMNS)
    return +erased


def _erase_from(finding: Finding, subject: Subject) -> bool:
    """Take what is the subject's out of a finding, and return whether there was any."""
    before = (finding.samples, finding.came, finding.unknown_keys)
    is_theirs = [subject.owns_stored(sample["event"]) for sample in finding.samples]
    # The newest sample is the event whose value it tells.
    if (is_theirs and is_theirs[0]) or _tells_id(finding.came, subject):
        finding.came = ""
    finding.samples = [sample for sample, theirs in zip(finding.samples, is_theirs, strict=True) if not theirs]
    finding.unknown_keys = _without_id(finding.unknown_keys, subject)
    return before != (finding.samples, finding.came, finding.unknown_keys)


def _tells_id(came: str, subject: Subject) -> bool:
    """Tell whether what came is the id, or holds it where it is distinctive: its sample may have gone before."""
    texts = {json_text(text) for text in subject.texts}
    return came in texts or (subject.is_distinctive and any(text in came for text in texts))


def _without_id(counts: dict[str, int], subject: Subject) -> dict[str, int]:
    kept: Counter[str] = Counter()
    for key, count in counts.items():
        kept[OVERFLOW_KEY if subject.is_named_in(key) else key] += count
    return dict(kept)
