"""Caps: how many names and app versions one environment of a source may bring in an hour; one row counts the rest."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from tracking.traffic.choices import LimitKind
from tracking.traffic.models import HourlyDistinctValue


@dataclass(frozen=True, slots=True, order=True)
class DistinctValue:
    """A name or app version in an hour of a source and environment, in the order in which rows are written."""

    source_id: int
    environment: str
    hour: datetime
    kind: str
    value_hash: bytes


def within_limit(values: Iterable[DistinctValue]) -> set[DistinctValue]:
    """Return the entries that stay under the cap of their source, environment and hour, noting those that are new.

    At most three queries. Two workers at the edge of a cap may exceed it by what one of them adds.
    """
    sorted_values = sorted(set(values))
    if not sorted_values:
        return set()
    stored = _stored_values(sorted_values)
    new = [value for value in sorted_values if value not in stored]
    if not new:
        return stored
    used_counts = _used_counts(new)
    limits = {
        LimitKind.NAME: settings.MAX_EVENT_NAMES_PER_HOUR,
        LimitKind.APP_VERSION: settings.MAX_APP_VERSIONS_PER_HOUR,
    }
    accepted = []
    for value in new:
        limit_key = (value.source_id, value.environment, value.hour, value.kind)
        if used_counts[limit_key] < limits[LimitKind(value.kind)]:
            used_counts[limit_key] += 1
            accepted.append(value)
    HourlyDistinctValue.objects.bulk_create(
        [
            HourlyDistinctValue(
                source_id=value.source_id,
                environment=value.environment,
                hour=value.hour,
                kind=value.kind,
                value_hash=value.value_hash,
            )
            for value in accepted
        ],
        ignore_conflicts=True,
    )
    return stored | set(accepted)


def _stored_values(values: list[DistinctValue]) -> set[DistinctValue]:
    rows = HourlyDistinctValue.objects.order_by().filter(
        source_id__in={value.source_id for value in values},
        hour__in={value.hour for value in values},
        kind__in={value.kind for value in values},
        value_hash__in={value.value_hash for value in values},
    )
    found = {
        DistinctValue(source_id, environment, hour, kind, bytes(digest))
        for source_id, environment, hour, kind, digest in rows.values_list(
            "source_id", "environment", "hour", "kind", "value_hash"
        )
    }
    return found.intersection(values)


def _used_counts(values: list[DistinctValue]) -> defaultdict[tuple[int, str, datetime, str], int]:
    rows = HourlyDistinctValue.objects.order_by().filter(
        source_id__in={value.source_id for value in values}, hour__in={value.hour for value in values}
    )
    counts = rows.values_list("source_id", "environment", "hour", "kind").annotate(Count("id"))
    return defaultdict(int, {tuple(limit_key): count for *limit_key, count in counts})
