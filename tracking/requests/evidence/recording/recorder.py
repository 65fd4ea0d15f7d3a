"""The recorder of evidence: called by the check inside the transaction of its counts."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, F, When

from catalog.choices import Environment
from catalog.models import VersionProperty
from tracking.requests.choices import DeliveryState, EvidenceStage
from tracking.requests.evidence.delivery_app_version import requires_app_version
from tracking.requests.evidence.recording.aggregation import (
    EvidenceCounts,
    EvidenceDelta,
    EvidenceTarget,
    IdKey,
    aggregate_evidence,
)
from tracking.requests.models import Delivery, Evidence, EvidenceDevice, EvidenceId, EvidenceProperty
from tracking.traffic.check.check_results import CheckedBatch

STAGE_BY_DELIVERY_STATE = {
    DeliveryState.REVIEWED: EvidenceStage.REVIEWED,
    DeliveryState.DEVELOPED: EvidenceStage.DEVELOPED,
    DeliveryState.TESTED: EvidenceStage.TESTED,
}
"""The states in which a delivery gathers evidence, and the stage that it then belongs to."""

V = TypeVar("V")
GROUP_FIELDS = ("delivery_id", "round", "stage")


def record_evidence(batch: CheckedBatch) -> None:
    """Store the evidence that a checked batch holds for the open deliveries of its source.

    A batch without such an event costs no query; any other a fixed number. Every worker writes rows in one
    order, so that two of them wait for each other and never deadlock.
    """
    targets = _evidence_targets(batch)
    if not targets:
        return
    delta = aggregate_evidence(batch, targets)
    _write_hourly_counts(delta, batch.environment)
    _write_id_counts(delta, batch.environment)
    _write_devices(delta, batch.environment)
    _write_property_counts(delta, batch.environment)


def _evidence_targets(batch: CheckedBatch) -> list[EvidenceTarget]:
    events = {checked.event_id for checked in batch.evidence if checked.event_id is not None}
    versions = {version_id for event_id in events for version_id in batch.binding_resolver.open_version_ids(event_id)}
    if not versions:
        return []
    # Nothing but its steps touches an open delivery, so a reviewed one was last updated when it became that.
    stage_began_at = Case(
        When(state=DeliveryState.TESTED, then=F("tested_at")),
        When(state=DeliveryState.REVIEWED, then=F("updated_at")),
        default=F("developed_at"),
    )
    collecting = Delivery.objects.filter(
        source=batch.source, state__in=_collecting_states(batch.environment), change__version__in=versions
    )
    rows = collecting.annotate(since=stage_began_at).values_list(
        "pk",
        "change__version__event",
        "change__version",
        "change__version__parent",
        "round",
        "state",
        "since",
        "app_version",
    )
    delivery_rows = list(rows)
    paths: dict[int, list[str]] = {}
    if delivery_rows:
        lines = VersionProperty.objects.filter(version__in={row[2] for row in delivery_rows}).order_by("path")
        for version_id, path in lines.values_list("version", "path"):
            paths.setdefault(version_id, []).append(path)
    is_version_required = bool(delivery_rows) and requires_app_version(batch.source, batch.environment)
    return [
        EvidenceTarget(
            delivery_id=pk,
            event_id=event_id,
            version_id=version_id,
            parent_id=parent_id,
            round=round_number,
            stage=STAGE_BY_DELIVERY_STATE[DeliveryState(state)],
            since=since,
            # A reviewed delivery has none yet; one that was sent back keeps the old one only as a suggestion.
            app_version=app_version if is_version_required and state != DeliveryState.REVIEWED else "",
            paths=tuple(paths.get(version_id, ())),
        )
        for pk, event_id, version_id, parent_id, round_number, state, since, app_version in delivery_rows
        if since is not None
    ]


def _collecting_states(environment: str) -> list[DeliveryState]:
    """Return the states that gather there: a delivery that is not developed yet only collects outside production."""
    return [
        state
        for state in STAGE_BY_DELIVERY_STATE
        if state != DeliveryState.REVIEWED or environment != Environment.PRODUCTION
    ]


def _write_hourly_counts(delta: EvidenceDelta, environment: str) -> None:
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
            for key, row in sorted(delta.by_hour.items())
        ],
    )


def _write_id_counts(delta: EvidenceDelta, environment: str) -> None:
    within_limit = _within_id_limit(EvidenceId, delta.by_id, environment, _arrival_order)
    _upsert(
        EvidenceId,
        ("delivery_id", "round", "stage", "environment", "id_hash"),
        {"conforming": "+", "nonconforming": "+", "proving": "+", "last_seen": "GREATEST"},
        [
            (*key[:3], environment, key[3], row.conforming, row.nonconforming, row.proving, row.last)
            for key, row in sorted(within_limit.items())
        ],
    )


def _write_devices(delta: EvidenceDelta, environment: str) -> None:
    within_limit = _within_id_limit(EvidenceDevice, delta.user_by_device, environment, _key_order)
    _upsert(
        EvidenceDevice,
        ("delivery_id", "round", "stage", "environment", "id_hash"),
        {"user_hash": "LEAST"},
        [(*key[:3], environment, key[3], user_hash) for key, user_hash in sorted(within_limit.items())],
    )


def _write_property_counts(delta: EvidenceDelta, environment: str) -> None:
    _upsert(
        EvidenceProperty,
        ("delivery_id", "round", "stage", "environment", "path"),
        {"count": "+"},
        [(*key[:3], environment, key[3], count) for key, count in sorted(delta.property_counts.items())],
    )


def _within_id_limit(
    model: type[EvidenceId] | type[EvidenceDevice],
    ids: dict[IdKey, V],
    environment: str,
    order: Callable[[tuple[IdKey, V]], Any],
) -> dict[IdKey, V]:
    """Leave out ids past the bound of their delivery; the ones that it knows already always count."""
    if not ids:
        return {}
    groups = {key[:3] for key in ids}
    rows = model._default_manager.filter(environment=environment, delivery__in={group[0] for group in groups})
    known = set(rows.filter(id_hash__in={key[3] for key in ids}).values_list(*GROUP_FIELDS, "id_hash"))
    stored_counts = rows.order_by().values_list(*GROUP_FIELDS).annotate(count=Count("pk"))
    remaining = {
        (delivery, round_number, stage): settings.EVIDENCE_IDS_KEPT - count
        for delivery, round_number, stage, count in stored_counts
    }
    within_limit: dict[IdKey, V] = {}
    for key, value in sorted(ids.items(), key=order):
        group = key[:3]
        if key not in known:
            remaining_for_group = remaining.get(group, settings.EVIDENCE_IDS_KEPT)
            if remaining_for_group <= 0:
                continue
            remaining[group] = remaining_for_group - 1
        within_limit[key] = value
    return within_limit


def _arrival_order(item: tuple[IdKey, EvidenceCounts]) -> tuple[datetime, IdKey]:
    return item[1].first, item[0]


def _key_order(item: tuple[IdKey, Any]) -> IdKey:
    return item[0]


def _upsert(
    model: type[Any], key_fields: Sequence[str], merge_operators: dict[str, str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows, or merge them into stored ones: `+` adds, LEAST and GREATEST choose (never a null).

    One statement, arrays instead of values, so that its text is the same for any number of rows.
    """
    columns = list(zip(*rows, strict=True))
    if not columns:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = [*key_fields, *merge_operators]
    fields = [next(field for field in model._meta.concrete_fields if field.attname == name) for name in names]
    quoted = [connection.ops.quote_name(field.column) for field in fields]
    arrays = ", ".join(f"%s::{field.db_type(connection).split('(')[0]}[]" for field in fields)
    assignments = ", ".join(
        f"{column} = {table}.{column} + EXCLUDED.{column}"
        if operator == "+"
        else f"{column} = {operator}({table}.{column}, EXCLUDED.{column})"
        for column, operator in (
            (connection.ops.quote_name(name), operator) for name, operator in merge_operators.items()
        )
    )
    conflict = ", ".join(quoted[: len(key_fields)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quoted)}) SELECT * FROM unnest({arrays}) "  # noqa: S608  names are ours
            f"ON CONFLICT ({conflict}) DO UPDATE SET {assignments}",
            [list(column) for column in columns],
        )
