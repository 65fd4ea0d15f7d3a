"""Caps: how many names and app versions one environment of a source may bring in an hour; one row counts the rest.

What is defined, or named by a deploy, a delivery or a binding, is never among the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class ExpectedValues:
    """Values that are expected: `named` as they are, and `alike` to a named one, of which there may be many."""

    named: frozenset[DistinctValue] = frozenset()
    alike: frozenset[DistinctValue] = frozenset()


def none_expected(_values: Sequence[DistinctValue]) -> ExpectedValues:
    """Expect nothing."""
    return ExpectedValues()


def within_limit(
    values: Iterable[DistinctValue],
    *,
    expected: Callable[[Sequence[DistinctValue]], ExpectedValues] = none_expected,
) -> set[DistinctValue]:
    """Return the entries that stay under the cap of their source, environment and hour, noting those that are new.

    `expected` is asked of those that do not. What is named always is one, whatever else came before; what is like
    something named has room of its own, as much again. At most three queries, and those of `expected`. Two workers at
    the edge of a cap may exceed it by what one of them adds.
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
    accepted = _take(new, used_counts, limits)
    if len(accepted) < len(new):
        within = set(accepted)
        refused = [value for value in new if value not in within]
        found = expected(refused)
        room = {kind: 2 * limit for kind, limit in limits.items()}
        accepted += sorted(found.named)
        accepted += _take([value for value in refused if value in found.alike - found.named], used_counts, room)
        accepted.sort()
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


def _take(
    values: Iterable[DistinctValue],
    used_counts: defaultdict[tuple[int, str, datetime, str], int],
    limits: Mapping[LimitKind, int],
) -> list[DistinctValue]:
    """Return the values that there is room for, and count them as used."""
    taken = []
    for value in values:
        limit_key = (value.source_id, value.environment, value.hour, value.kind)
        if used_counts[limit_key] < limits[LimitKind(value.kind)]:
            used_counts[limit_key] += 1
            taken.append(value)
    return taken


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
