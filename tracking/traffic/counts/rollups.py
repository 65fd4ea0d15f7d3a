"""Rollups: deltas folded into one row a key, old rows forgotten, and what pages ask of both."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Event, EventName
from tracking.traffic import maintenance_lock
from tracking.traffic.models import Rollup, Sample, SeenName, TrafficCount
from tracking.traffic.models.rollup import TrafficCountQuerySet
from tracking.traffic.models.sample import Ring

FOLD_LOCK_ID = 0x5B_F0_1D
FOLD_BATCH_SIZE = 50_000

_FOLD_DELTAS = """
    WITH taken AS (
        DELETE FROM traffic_rollupdelta
        WHERE id IN (SELECT id FROM traffic_rollupdelta ORDER BY id LIMIT %s)
        RETURNING *
    ), summed AS (
        INSERT INTO traffic_rollup AS rollup (
            hour, source_id, environment, seen_name_id, app_version, version_id, verdict,
            count, warned, repeats, possible_repeats, late, last_seen, historical, undated
        )
        SELECT * FROM (
            SELECT hour, source_id, environment, seen_name_id, app_version, version_id, verdict,
                   sum(count), sum(warned), sum(repeats), sum(possible_repeats), sum(late), max(last_seen),
                   sum(historical), sum(undated)
            FROM taken
            GROUP BY hour, source_id, environment, seen_name_id, app_version, version_id, verdict
        ) AS grouped
        -- Deltas have no constraint. One of what was deleted by hand must not keep all others from being folded.
        WHERE EXISTS (SELECT FROM catalog_source WHERE id = grouped.source_id)
          AND EXISTS (SELECT FROM traffic_seenname WHERE id = grouped.seen_name_id)
          AND (version_id IS NULL OR EXISTS (SELECT FROM catalog_version WHERE id = grouped.version_id))
        ORDER BY hour, source_id, environment, seen_name_id, app_version, version_id, verdict
        ON CONFLICT ON CONSTRAINT rollup_once DO UPDATE SET
            count = rollup.count + excluded.count,
            warned = rollup.warned + excluded.warned,
            repeats = rollup.repeats + excluded.repeats,
            possible_repeats = rollup.possible_repeats + excluded.possible_repeats,
            late = rollup.late + excluded.late,
            last_seen = GREATEST(rollup.last_seen, excluded.last_seen),
            historical = rollup.historical + excluded.historical,
            undated = rollup.undated + excluded.undated
        RETURNING source_id, environment, seen_name_id
    )
    SELECT (SELECT count(*) FROM taken), array_agg(DISTINCT source_id || ' ' || environment || ' ' || seen_name_id)
    FROM summed
"""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What one fold did: how many deltas it took, and the (source id, environment, seen name id) they were of."""

    delta_count: int = 0
    rings: frozenset[Ring] = frozenset()


@transaction.atomic
def fold_deltas() -> FoldResult:
    """Fold the oldest deltas into rollups and trim the samples of what they were of.

    One fold at a time: where another one is at work, this one does nothing. A reader sees the sums of before or
    after, which are the same.
    """
    maintenance_lock.acquire_shared()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK_ID])
        if not cursor.fetchone()[0]:
            return FoldResult()
        cursor.execute(_FOLD_DELTAS, [FOLD_BATCH_SIZE])
        deltas, keys = cursor.fetchone()
    rings = frozenset(_parse_ring_key(key) for key in keys or ())
    Sample.objects.trim_rings(rings)
    return FoldResult(deltas, rings)


def delete_expired_rollups(*, at: datetime | None = None) -> int:
    """Delete the hours that are older than `ROLLUP_RETENTION`, and return how many rows those were."""
    oldest = (at or timezone.now()) - settings.ROLLUP_RETENTION
    deleted, _ = Rollup.objects.filter(hour__lt=oldest).delete()
    return deleted


@dataclass(slots=True)
class DayCount:
    """The events of one day of the current time zone, by verdict.

    Possible repeats, which have no id, are among them; repeats and history are counted beside them.
    """

    day: date
    verdicts: dict[str, int] = field(default_factory=dict)
    repeats: int = 0
    possible_repeats: int = 0
    historical: int = 0

    @property
    def total(self) -> int:
        return sum(self.verdicts.values())


def window_start(days: int = 30, *, at: datetime | None = None) -> datetime:
    """Return where the last `days` days begin, today being one of them: every figure of 30 days begins there.

    Days are those of the current time zone: of whoever reads a page, of UTC for programs and tasks.
    """
    first_day = timezone.localdate(at or timezone.now()) - timedelta(days=days - 1)
    return datetime.combine(first_day, datetime.min.time(), tzinfo=timezone.get_current_timezone())


def counts_by_day(
    event: Event | int | None = None,
    *,
    days: int = 30,
    seen_name: SeenName | int | None = None,
    source: Any = None,
    environment: str | None = None,
    at: datetime | None = None,
) -> list[DayCount]:
    """Return the last days up to today, oldest first and none left out, with the counts of each verdict.

    Of an event (under all its names), of a seen name, of a source, or of everything. Two queries at most.
    """
    today = timezone.localdate(at or timezone.now())
    counts: TrafficCountQuerySet = TrafficCount.objects.since(window_start(days, at=at))
    if event is not None:
        counts = counts.of_event(event)
    if seen_name is not None:
        counts = counts.of_seen_names([seen_name if isinstance(seen_name, int) else seen_name.pk])
    if source is not None:
        counts = counts.filter(source=source)
    if environment is not None:
        counts = counts.in_environment(environment)
    by_day = {today - timedelta(days=days_ago): DayCount(today - timedelta(days=days_ago)) for days_ago in range(days)}
    for day, verdict, count, repeats, possible_repeats, historical in counts.by_day():
        if day in by_day:
            by_day[day].verdicts[verdict] = count
            by_day[day].repeats += repeats
            by_day[day].possible_repeats += possible_repeats
            by_day[day].historical += historical
    return sorted(by_day.values(), key=lambda one: one.day)


def event_ids_by_seen_name(seen_name_ids: Iterable[int]) -> dict[int, int]:
    """Return the catalog's event of each seen name that has one, past names included. Two queries."""
    seen_name_ids_by_key = {
        (call, bytes(name_hash)): pk
        for pk, call, name_hash in SeenName.objects.filter(pk__in=set(seen_name_ids))
        .order_by()
        .values_list("pk", "call", "name_hash")
    }
    rows = EventName.objects.order_by().filter(name_hash__in={name_hash for _, name_hash in seen_name_ids_by_key})
    event_ids = {}
    for call, name_hash, event_id in rows.values_list("call", "name_hash", "event_id"):
        if (pk := seen_name_ids_by_key.get((call, bytes(name_hash)))) is not None:
            event_ids[pk] = event_id
    return event_ids


def _parse_ring_key(key: str) -> Ring:
    source_id, environment, seen_name_id = key.split(" ")
    return int(source_id), environment, int(seen_name_id)
