"""Writes what traffic leaves in a generated catalog: names that were seen, and folded counts of their hours."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from catalog.choices import Call, Environment
from catalog.contract import name_hash
from demo.large_catalog.catalog_writer import WrittenEvent
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.counts.bulk_copy import copy_rows
from tracking.traffic.models import Rollup, Sample, SeenName

UNDOCUMENTED_SHARE = 0.04
"""Of all seen names, those that nobody defined."""

HOURS_OF_A_NAME = 60
"""How many hours of each name are counted, on average."""


def write_traffic(events: Sequence[WrittenEvent], seen_names: int, now: datetime, random: Random) -> None:
    """Write so many seen names, those of the events first, and counts of their last hours. Needs a transaction.

    Of a name that nobody defined an event is kept.
    """
    source_ids = sorted({pk for each in events for pk in each.source_ids})
    arriving = [each for each in events if each.version_id is not None and each.quiet is not None]
    documented = min(len(arriving), round(seen_names * (1 - UNDOCUMENTED_SHARE)))
    chosen: Sequence[WrittenEvent | None] = random.sample(arriving, documented) + [None] * (seen_names - documented)
    names = SeenName.objects.bulk_create(
        (_seen_name(each, place, now) for place, each in enumerate(chosen)), batch_size=2_000
    )
    Sample.objects.bulk_create(
        _sample(name, source_id, now)
        for name, each, source_id in zip(names, chosen, cycle(source_ids), strict=False)
        if each is None
    )
    columns = ("hour", "source_id", "environment", "seen_name_id", "app_version", "version_id", "verdict")
    rows = (row for name, each in zip(names, chosen, strict=True) for row in _rollups(name, each, now, random))
    copy_rows(
        Rollup,
        (*columns, "count", "warned", "repeats", "possible_repeats", "late", "last_seen", "historical", "undated"),
        rows,
    )


def _seen_name(written: WrittenEvent | None, place: int, now: datetime) -> SeenName:
    name = f"Stray Signal {place}" if written is None else written.name
    first_seen = now - (timedelta(minutes=place * 7) if written is None else written.age)
    return SeenName(call=Call.TRACK, name=name, name_hash=name_hash(name), first_seen=first_seen)


def _sample(name: SeenName, source_id: int, now: datetime) -> Sample:
    return Sample(
        source_id=source_id,
        environment=Environment.PRODUCTION,
        seen_name=name,
        received_at=now,
        verdict=VerdictChoice.UNDOCUMENTED,
        event={"call": name.call, "event": name.name, "properties": {}},
    )


def _rollups(name: SeenName, written: WrittenEvent | None, now: datetime, random: Random) -> Iterator[tuple[Any, ...]]:
    if written is None:
        return
    newest = (now - (written.quiet or timedelta())).replace(minute=0, second=0, microsecond=0)
    share_of_hour = written.volume / 720
    verdicts = [VerdictChoice.CONFORMING] * 19 + [VerdictChoice.NONCONFORMING]
    hours = random.randint(1, 2 * HOURS_OF_A_NAME - 1)
    for ago in range(hours):
        hour = newest - timedelta(hours=ago * 720 // hours)
        place = (hour, random.choice(written.source_ids), Environment.PRODUCTION.value, name.pk)
        count = max(1, int(share_of_hour * random.uniform(0.5, 1.5)))
        key = (*place, f"2.{ago % 7}.0", written.version_id, random.choice(verdicts).value)
        yield (*key, count, 0, 0, 0, 0, hour + timedelta(minutes=59), 0, 0)
