"""Whose events QA counts and signed, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.choices import Environment
from catalog.contract.schema.rule_descriptions import pluralize
from tracking.requests.models import Delivery, EvidenceId

MAX_LABELS = 3


@dataclass(frozen=True, slots=True)
class EvidenceIdSummary:
    """A device or person whose events arrived, over all environments; QA can choose which of them count."""

    id_hash: int
    label: str
    conforming: int
    nonconforming: int
    last_seen: datetime
    environments: tuple[str, ...]


def evidence_id_label(id_hash: int, labels_by_id: Mapping[int, str]) -> str:
    """Return the id as the newest events show it, else its pseudonym, which distinguishes two people."""
    return labels_by_id.get(id_hash) or f"id-{id_hash & (2**64 - 1):016x}"


def summarize_evidence_ids(
    rows: Iterable[EvidenceId], labels_by_id: Mapping[int, str], user_by_device: Mapping[int, int]
) -> list[EvidenceIdSummary]:
    """Return one entry a person, in the order in which the rows first name them: devices are with their users."""
    by_id: dict[int, list[EvidenceId]] = {}
    for row in rows:
        by_id.setdefault(user_by_device.get(row.id_hash, row.id_hash), []).append(row)
    return [
        EvidenceIdSummary(
            id_hash,
            evidence_id_label(id_hash, labels_by_id),
            sum(row.conforming for row in found),
            sum(row.nonconforming for row in found),
            max(row.last_seen for row in found),
            tuple(sorted({Environment(row.environment).label for row in found}, reverse=True)),
        )
        for id_hash, found in by_id.items()
    ]


def signature_summary(delivery: Delivery, labels_by_id: Mapping[int, str]) -> str:
    """Return what the newest signature counted, such as "2 events of u1"; "" where nobody signed."""
    signature = delivery.verifications.order_by("-at", "-id").first()
    if signature is None:
        return ""
    ids = signature.evidence.get("ids")
    events = pluralize(signature.evidence.get("conforming") or 0, "event")
    if ids is None:
        return f"{events} of everybody"
    labels = [evidence_id_label(int(each), labels_by_id) for each in ids[:MAX_LABELS]]
    if erased := signature.evidence.get("erased_ids"):
        labels.append(pluralize(erased, "erased id"))
    more = f" and {pluralize(len(ids) - MAX_LABELS, 'other')}" if len(ids) > MAX_LABELS else ""
    return f"{events} of {', '.join(labels)}{more}"
