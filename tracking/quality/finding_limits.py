"""How many findings one environment of a source may open in an hour; one row counts the rest."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncHour

from tracking.quality.finding_deltas import FindingDelta, FindingKey
from tracking.quality.models import Finding
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.seen_names import OVERFLOW_NAME, get_or_create_seen_names, seen_name_key
from tracking.traffic.counts.deltas import hour_start

OVERFLOW_RULE = "(other)"
DEFINED_EVENTS_FACTOR = 10
"""Findings of defined events are few and admitted past the limit, but for a schema that refers to itself: its paths
are endless. So they have a limit too, this many times as high."""


def limit_new_findings(
    batch: CheckedBatch, deltas: Mapping[FindingKey, FindingDelta], missing: Collection[FindingKey]
) -> dict[FindingKey, FindingDelta]:
    """Return the deltas with those past the limit as one, in sorted key order.

    `missing` are the keys that have no finding yet. At most one query, and three more where the limit is passed. Two
    workers at the edge of the limit may exceed it by what one of them adds.
    """
    if not missing:
        return dict(deltas)
    defined_ids = {event.seen_name_id for event in batch.events if event.event_id is not None}
    used_counts = _used_counts(batch, min(deltas[key].first_seen for key in missing))
    limited = dict(deltas)
    overflow: FindingDelta | None = None
    # Defined events come first: names that nobody defined must not use up the limit before them.
    for key in sorted(missing, key=lambda key: (key[0] not in defined_ids, key)):
        hour = hour_start(deltas[key].first_seen)
        limit = settings.MAX_FINDINGS_PER_HOUR * (DEFINED_EVENTS_FACTOR if key[0] in defined_ids else 1)
        if used_counts[hour] < limit:
            used_counts[hour] += 1
            continue
        delta = limited.pop(key)
        if overflow is None:
            overflow = FindingDelta(delta.severity, delta.first_seen, delta.last_seen)
        overflow.merge(delta)
    if overflow is not None:
        limited[_overflow_key(overflow.first_seen)] = overflow
    return dict(sorted(limited.items()))


def _used_counts(batch: CheckedBatch, since: datetime) -> Counter[datetime]:
    findings = Finding.objects.filter(
        source=batch.source, environment=batch.environment, first_seen__gte=hour_start(since)
    ).exclude(rule=OVERFLOW_RULE)
    rows = findings.order_by().annotate(hour=TruncHour("first_seen")).values_list("hour").annotate(Count("id"))
    return Counter(dict(rows))


def _overflow_key(first_seen: datetime) -> FindingKey:
    name = seen_name_key("track", OVERFLOW_NAME)
    return get_or_create_seen_names([name], first_seen=first_seen)[name], "", OVERFLOW_RULE
