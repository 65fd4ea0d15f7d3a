"""Whether every acknowledged event was counted, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Sum

from benchmarks.soak.well_known_traffic import Cell
from catalog.choices import Environment
from catalog.models import Source
from tracking.traffic.check.dedup.event_hashes import message_key
from tracking.traffic.check.dedup.stored_keys import find_keys
from tracking.traffic.models import InboxBatch, QuarantinedBatch, TrafficCount


@dataclass(frozen=True, slots=True)
class Counted:
    """What the database has of the events of one source."""

    by_cell: Counter[Cell]
    distinct_ids: int
    repeats: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What is missing and what is too much. `cells` names the counts that are not what was acknowledged."""

    lost: int
    doubled: int
    cells: dict[Cell, int]


def is_drained() -> bool:
    """Whether nothing waits to be checked, of any source."""
    return not InboxBatch.objects.exists()


def count_events(source: Source, message_ids: Iterable[str]) -> Counted:
    """Return what the database has of a source's events, folded or not, and of the ids that they may have."""
    rows = TrafficCount.objects.filter(source=source).order_by()
    cells: Counter[Cell] = Counter()
    for call, name, verdict, count in rows.values_list("seen_name__call", "seen_name__name", "verdict").annotate(
        Sum("count")
    ):
        cells[Cell(call, name, verdict)] += count
    return Counted(
        by_cell=+cells,
        distinct_ids=_count_ids(source, message_ids),
        repeats=rows.totals()["repeats"],
        quarantined=QuarantinedBatch.objects.filter(source=source).count(),
    )


def _count_ids(source: Source, message_ids: Iterable[str]) -> int:
    """Return how many of these ids came, in whatever environment: a key says of nobody whose it is."""
    keys = {
        message_key(source.pk, environment, message_id) for message_id in message_ids for environment in Environment
    }
    known = find_keys(keys, in_current=True)
    return len(known)


def compare(acknowledged: Mapping[Cell, int], counted: Counted) -> Difference:
    """Return what was lost and doubled of the acknowledged events, each of which has an id of its own.

    One that is missing and another one that is there twice are both seen: by what they are counted by, and by the ids.
    """
    wrong = {
        cell: difference
        for cell in sorted({*acknowledged, *counted.by_cell})
        if (difference := counted.by_cell[cell] - acknowledged.get(cell, 0))
    }
    expected = sum(acknowledged.values())
    lost = -sum(difference for difference in wrong.values() if difference < 0)
    doubled = sum(difference for difference in wrong.values() if difference > 0)
    return Difference(
        lost=max(lost, expected - counted.distinct_ids),
        doubled=max(doubled, counted.by_cell.total() - counted.distinct_ids),
        cells=wrong,
    )
