"""Caps: how many names and app versions one environment of a source may bring in an hour; one row counts the rest."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count

from tracking.traffic.choices import CapKind
from tracking.traffic.models import HourEntry


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A name or app version in an hour of a source and environment, in the order in which rows are written."""

    source_id: int
    environment: str
    hour: datetime
    kind: str
    digest: bytes


def admitted(entries: Iterable[Entry]) -> set[Entry]:
    """Return the entries that stay under the cap of their source, environment and hour, noting those that are new.

    At most three queries. Two workers at the edge of a cap may pass it by what one of them brings.
    """
    wanted = sorted(set(entries))
    if not wanted:
        return set()
    known = _known(wanted)
    new = [entry for entry in wanted if entry not in known]
    if not new:
        return known
    used = _used(new)
    limits = {CapKind.NAME: settings.EVENT_NAMES_AN_HOUR, CapKind.APP_VERSION: settings.APP_VERSIONS_AN_HOUR}
    fitting = []
    for entry in new:
        slot = (entry.source_id, entry.environment, entry.hour, entry.kind)
        if used[slot] < limits[CapKind(entry.kind)]:
            used[slot] += 1
            fitting.append(entry)
    HourEntry.objects.bulk_create(
        [
            HourEntry(
                source_id=entry.source_id,
                environment=entry.environment,
                hour=entry.hour,
                kind=entry.kind,
                value_hash=entry.digest,
            )
            for entry in fitting
        ],
        ignore_conflicts=True,
    )
    return known | set(fitting)


def _known(wanted: list[Entry]) -> set[Entry]:
    rows = HourEntry.objects.order_by().filter(
        source_id__in={entry.source_id for entry in wanted},
        hour__in={entry.hour for entry in wanted},
        kind__in={entry.kind for entry in wanted},
        value_hash__in={entry.digest for entry in wanted},
    )
    found = {
        Entry(source_id, environment, hour, kind, bytes(digest))
        for source_id, environment, hour, kind, digest in rows.values_list(
            "source_id", "environment", "hour", "kind", "value_hash"
        )
    }
    return found.intersection(wanted)


def _used(new: list[Entry]) -> defaultdict[tuple[int, str, datetime, str], int]:
    rows = HourEntry.objects.order_by().filter(
        source_id__in={entry.source_id for entry in new}, hour__in={entry.hour for entry in new}
    )
    counts = rows.values_list("source_id", "environment", "hour", "kind").annotate(Count("id"))
    return defaultdict(int, {tuple(slot): count for *slot, count in counts})
