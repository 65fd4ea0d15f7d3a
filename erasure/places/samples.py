"""Samples: whole events, masked as their environment asks."""

from collections import Counter

from erasure.subject import Subject
from tracking.traffic.models import Sample

ROWS_AT_ONCE = 2_000


def erase_samples(subject: Subject) -> Counter[str]:
    """Delete the samples that are the subject's or name the subject."""
    events = Sample.objects.order_by("pk").values_list("pk", "event").iterator(ROWS_AT_ONCE)
    ids = [pk for pk, event in events if subject.owns_stored(event)]
    for start in range(0, len(ids), ROWS_AT_ONCE):
        Sample.objects.filter(pk__in=ids[start : start + ROWS_AT_ONCE]).delete()
    return +Counter({"samples": len(ids)})
