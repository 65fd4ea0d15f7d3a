"""Samples: whole events, masked as their environment asks."""

import json
from collections import Counter

from django.db.models import TextField
from django.db.models.functions import Cast

from erasure.subject import Subject
from tracking.traffic.models import Sample

ROWS_AT_ONCE = 2_000


def erase_samples(subject: Subject) -> Counter[str]:
    """Delete the samples that are the subject's or name the subject."""
    # As texts: most are not the subject's, which is told without reading them.
    texts = Sample.objects.order_by("pk").values_list("pk", Cast("event", TextField())).iterator(ROWS_AT_ONCE)
    ids = [pk for pk, text in texts if subject.may_be_in_stored(text) and subject.owns_stored(json.loads(text))]
    for start in range(0, len(ids), ROWS_AT_ONCE):
        Sample.objects.filter(pk__in=ids[start : start + ROWS_AT_ONCE]).delete()
    return +Counter({"samples": len(ids)})
