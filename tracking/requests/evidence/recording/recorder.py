"""The recorder of evidence: called by the check inside the transaction of its counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, F, When

from catalog.choices import Environment
from catalog.models import VersionProperty
from tracking.requests.choices import DeliveryState, Stage
from tracking.requests.evidence.delivery_app_version import must_reach
from tracking.requests.evidence.recording.aggregation import Counts, IdKey, Tally, Watched, tally
from tracking.requests.models import Delivery, Evidence, EvidenceId, EvidenceProperty
from tracking.traffic.check.check_results import CheckedBatch

GATHERING = {
    DeliveryState.REVIEWED: Stage.REVIEWED,
    DeliveryState.DEVELOPED: Stage.DEVELOPED,
    DeliveryState.TESTED: Stage.TESTED,
}
"""The states in which a delivery gathers evidence, and the stage that it then belongs to."""

GROUP = ("delivery_id", "round", "stage")


def record_evidence(batch: CheckedBatch) -> None:
    """Keep what a checked batch shows of the open deliveries of its source.

    A batch without such an event costs no query; any other a fixed number. Every worker writes rows in one
    order, so that two of them wait for each other and never deadlock.
    """
    watched = _watched(batch)
    if not watched:
        return
    gained = tally(batch, watched)
    _write_hours(gained, batch.environment)
    _write_ids(gained, batch.environment)
    _write_properties(gained, batch.environment)


def _watched(batch: CheckedBatch) -> list[Watched]:
    events = {checked.event_id for checked in batch.fresh if checked.event_id is not None}
    versions = {version_id for event_id in events for version_id in batch.holder.open_versions(event_id)}
    if not versions:
        return []
    # Nothing but its steps touches an open delivery, so a reviewed one was last updated when it became that.
    began = Case(
        When(state=DeliveryState.TESTED, then=F("tested_at")),
        When(state=DeliveryState.REVIEWED, then=F("updated_at")),
        default=F("developed_at"),
    )
    gathering = Delivery.objects.filter(
        source=batch.source, state__in=_gathering_in(batch.environment), change__version__in=versions
    )
    rows = gathering.annotate(since=began).values_list(
        "pk",
        "change__version__event",
        "change__version",
        "change__version__parent",
        "round",
        "state",
        "since",
        "app_version",
    )
    found = list(rows)
    paths: dict[int, list[str]] = {}
    if found:
        lines = VersionProperty.objects.filter(version__in={row[2] for row in found}).order_by("path")
        for version_id, path in lines.values_list("version", "path"):
            paths.setdefault(version_id, []).append(path)
    is_compared = bool(found) and must_reach(batch.source, batch.environment)
    return [
        Watched(
            delivery_id=pk,
            event_id=event_id,
            version_id=version_id,
            parent_id=parent_id,
            round=round_number,
            stage=GATHERING[DeliveryState(state)],
            since=since,
            # A reviewed delivery has none yet; one that was sent back keeps the old one as a suggestion alone.
            app_version=app_version if is_compared and state != DeliveryState.REVIEWED else "",
            paths=tuple(paths.get(version_id, ())),
        )
        for pk, event_id, version_id, parent_id, round_number, state, since, app_version in found
        if since is not None
    ]


def _gathering_in(environment: str) -> list[DeliveryState]:
    """Return the states that gather there: what nobody has said is built is watched outside production alone."""
    return [state for state in GATHERING if state != DeliveryState.REVIEWED or environment != Environment.PRODUCTION]


def _write_hours(gained: Tally, environment: str) -> None:
    _upsert(
        Evidence,
        ("delivery_id", "round", "stage", "environment", "hour", "app_version"),
        {
            "conforming": "+",
            "nonconforming": "+",
            "proving": "+",
            "first_seen": "LEAST",
            "last_seen": "GREATEST",
            "proving_first": "LEAST",
            "proving_last": "GREATEST",
        },
        [
            (
                *key[:3],
                environment,
                *key[3:],
                row.conforming,
                row.nonconforming,
                row.proving,
                row.first,
                row.last,
                row.proving_first,
                row.proving_last,
            )
            for key, row in sorted(gained.hours.items())
        ],
    )


def _write_ids(gained: Tally, environment: str) -> None:
    kept = _within_bound(gained.ids, environment)
    _upsert(
        EvidenceId,
        ("delivery_id", "round", "stage", "environment", "id_hash"),
        {"conforming": "+", "nonconforming": "+", "proving": "+", "last_seen": "GREATEST"},
        [
            (*key[:3], environment, key[3], row.conforming, row.nonconforming, row.proving, row.last)
            for key, row in sorted(kept.items())
        ],
    )


def _write_properties(gained: Tally, environment: str) -> None:
    _upsert(
        EvidenceProperty,
        ("delivery_id", "round", "stage", "environment", "path"),
        {"count": "+"},
        [(*key[:3], environment, key[3], count) for key, count in sorted(gained.properties.items())],
    )


def _within_bound(ids: dict[IdKey, Counts], environment: str) -> dict[IdKey, Counts]:
    """Leave out ids past the bound of their delivery; the ones that it knows already always count."""
    if not ids:
        return {}
    groups = {key[:3] for key in ids}
    rows = EvidenceId.objects.filter(environment=environment, delivery__in={group[0] for group in groups})
    known = set(rows.filter(id_hash__in={key[3] for key in ids}).values_list(*GROUP, "id_hash"))
    held = rows.order_by().values_list(*GROUP).annotate(count=Count("pk"))
    room = {(delivery, number, stage): settings.EVIDENCE_IDS_KEPT - count for delivery, number, stage, count in held}
    kept: dict[IdKey, Counts] = {}
    for key, counts in sorted(ids.items(), key=_by_arrival):
        group = key[:3]
        if key not in known:
            left = room.get(group, settings.EVIDENCE_IDS_KEPT)
            if left <= 0:
                continue
            room[group] = left - 1
        kept[key] = counts
    return kept


def _by_arrival(item: tuple[IdKey, Counts]) -> tuple[datetime, IdKey]:
    return item[1].first, item[0]


def _upsert(model: type[Any], key: Sequence[str], gains: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows, or add their gains to those that stand: `+` adds, LEAST and GREATEST choose (never a null).

    One statement, arrays instead of values, so that its text is the same for any number of rows.
    """
    columns = list(zip(*rows, strict=True))
    if not columns:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = [*key, *gains]
    fields = [next(field for field in model._meta.concrete_fields if field.attname == name) for name in names]
    quoted = [connection.ops.quote_name(field.column) for field in fields]
    arrays = ", ".join(f"%s::{field.db_type(connection).split('(')[0]}[]" for field in fields)
    sets = ", ".join(
        f"{column} = {table}.{column} + EXCLUDED.{column}"
        if how == "+"
        else f"{column} = {how}({table}.{column}, EXCLUDED.{column})"
        for column, how in ((connection.ops.quote_name(name), how) for name, how in gains.items())
    )
    conflict = ", ".join(quoted[: len(key)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quoted)}) SELECT * FROM unnest({arrays}) "  # noqa: S608  names are ours
            f"ON CONFLICT ({conflict}) DO UPDATE SET {sets}",
            [list(column) for column in columns],
        )
