"""Evidence: which people and devices it came from, as keyed hashes."""

from collections import Counter

from django.db.models import Q

from erasure.subject import Subject
from tracking.requests.models import EvidenceDevice, EvidenceId


def erase_evidence_ids(subject: Subject) -> Counter[str]:
    """Delete the hashes of the subject's id. How many events came of a delivery stays, in rows without ids."""
    hashes = subject.hashes
    ids, _ = EvidenceId.objects.filter(id_hash__in=hashes).delete()
    devices, _ = EvidenceDevice.objects.filter(Q(id_hash__in=hashes) | Q(user_hash__in=hashes)).delete()
    return +Counter({"ids of evidence": ids, "devices of evidence": devices})
