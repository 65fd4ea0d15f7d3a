"""Whose events QA counts and signed, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.choices import Environment
from catalog.contract.schema.rule_descriptions import counted
from tracking.requests.models import Delivery, EvidenceId

NAMED = 3


@dataclass(frozen=True, slots=True)
class SeenId:
    """A device or person whose events came, over all environments, and by which they can be chosen."""

    id_hash: int
    label: str
    conforming: int
    nonconforming: int
    last_seen: datetime
    environments: tuple[str, ...]


def label_of_id(id_hash: int, names: Mapping[int, str]) -> str:
    """Return the id as the newest events show it, else its keyed hash: enough to tell two apart."""
    return names.get(id_hash) or f"id-{id_hash & (2**64 - 1):016x}"


def seen_ids(rows: Iterable[EvidenceId], names: Mapping[int, str]) -> list[SeenId]:
    """Return one entry an id, in the order in which the rows first name it."""
    by_id: dict[int, list[EvidenceId]] = {}
    for row in rows:
        by_id.setdefault(row.id_hash, []).append(row)
    return [
        SeenId(
            id_hash,
            label_of_id(id_hash, names),
            sum(row.conforming for row in found),
            sum(row.nonconforming for row in found),
            max(row.last_seen for row in found),
            tuple(sorted({Environment(row.environment).label for row in found}, reverse=True)),
        )
        for id_hash, found in by_id.items()
    ]


def signed_words(delivery: Delivery, names: Mapping[int, str]) -> str:
    """Return what the newest signature counted, such as "2 events of u1"; "" where nobody signed."""
    signature = delivery.verifications.order_by("-at", "-id").first()
    if signature is None:
        return ""
    ids = signature.evidence.get("ids")
    events = counted(signature.evidence.get("conforming") or 0, "event")
    if ids is None:
        return f"{events} of everybody"
    labels = [label_of_id(int(each), names) for each in ids[:NAMED]]
    more = f" and {counted(len(ids) - NAMED, 'other')}" if len(ids) > NAMED else ""
    return f"{events} of {', '.join(labels)}{more}"
