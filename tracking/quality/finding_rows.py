"""Rows of findings as a check reads and writes them: many in each statement, and without a model of each.

What is kept of single events is by far the longest of a row. It is merged where it lies, and never read here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection

from catalog.contract.json.storage_encoding import storable_json, storable_text
from tracking.quality.choices import FindingState
from tracking.quality.finding_deltas import MAX_SAMPLES, FindingDelta, FindingKey
from tracking.quality.models import Finding
from tracking.traffic.check.check_results import CheckedBatch

_WRITTEN_COLUMNS = (
    "severity text",
    "state text",
    "count bigint",
    "first_seen timestamptz",
    "last_seen timestamptz",
    "expected text",
    "came text",
    "app_versions jsonb",
    "versions jsonb",
    "unknown_keys jsonb",
    "older_count bigint",
)
"""What a batch changes of a finding beside its samples, with the types of the columns."""

_COLUMNS = tuple(column.split()[0] for column in _WRITTEN_COLUMNS)
_JSON_COLUMNS = ("app_versions", "versions", "unknown_keys")
_KEYS = "unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY AS key (seen_name_id, path, rule, place)"
_OF_KEYS = """
    ON (finding.seen_name_id, finding.path, finding.rule) = (key.seen_name_id, key.path, key.rule)
    AND finding.source_id = %s AND finding.environment = %s
"""
_FIND = f"SELECT key.place FROM {_KEYS} JOIN quality_finding AS finding {_OF_KEYS}"  # noqa: S608  names of ours
_LOCK = f"""
    SELECT key.place, finding.id, resolved_at, resolved_in, {", ".join(_COLUMNS)}
    FROM {_KEYS} JOIN quality_finding AS finding {_OF_KEYS}
    ORDER BY finding.id FOR UPDATE OF finding
"""  # noqa: S608  names of ours
# The newest of those that were kept and those that came; of two at the same time the one that came later.
_UPDATE = f"""
    UPDATE quality_finding AS finding SET {", ".join(f"{column} = written.{column}" for column in _COLUMNS)},
        samples = (
            SELECT coalesce(jsonb_agg(sample ORDER BY at DESC, place), '[]') FROM (
                SELECT sample, sample ->> 'received_at' COLLATE "C" AS at, place
                FROM jsonb_array_elements(written.samples || finding.samples) WITH ORDINALITY AS each (sample, place)
                ORDER BY at DESC, place LIMIT {MAX_SAMPLES}
            ) AS newest
        )
    FROM jsonb_to_recordset(%s::jsonb) AS written (id bigint, samples jsonb, {", ".join(_WRITTEN_COLUMNS)})
    WHERE finding.id = written.id
"""  # noqa: S608  names of ours


@dataclass(slots=True)
class FindingRow:
    """What a finding says, as far as a batch may change it. One that is not stored yet has no id."""

    key: FindingKey
    severity: str
    first_seen: datetime
    last_seen: datetime
    id: int | None = None
    resolved_at: datetime | None = None
    resolved_in: str = ""
    state: str = FindingState.OPEN
    count: int = 0
    expected: str = ""
    came: str = ""
    app_versions: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    unknown_keys: dict[str, int] = field(default_factory=dict)
    older_count: int = 0

    def written(self, delta: FindingDelta) -> dict[str, Any]:
        """Return what is written of it: its columns, and the samples of a delta."""
        return {column: getattr(self, column) for column in _COLUMNS} | {"samples": delta.samples}


def existing_keys(batch: CheckedBatch, keys: Iterable[FindingKey]) -> set[FindingKey]:
    """Return which of these findings there are. One query."""
    ordered = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(_FIND, _parameters(batch, ordered))
        return {ordered[place - 1] for (place,) in cursor.fetchall()}


def insert_rows(
    batch: CheckedBatch,
    rows: Iterable[FindingRow],
    deltas: Mapping[FindingKey, FindingDelta],
    owners: Mapping[int, int],
) -> frozenset[FindingKey]:
    """Store new findings in the order of their keys, with owners by seen name. Return those that nobody had stored.

    `bulk_create` ignores conflicts too, but does not tell which rows it made.
    """
    columns = [field.attname for field in Finding._meta.concrete_fields if not field.primary_key]
    ordered = sorted(rows, key=lambda row: row.key)
    values = [
        {
            "source_id": batch.source.pk,
            "environment": batch.environment,
            **dict(zip(("seen_name_id", "path", "rule"), row.key, strict=True)),
            "owner_id": owners.get(row.key[0]),
            "resolved_at": None,
            "resolved_in": "",
            "reason": "",
            **row.written(deltas[row.key]),
        }
        for row in ordered
    ]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO quality_finding ({names}) "  # noqa: S608  the model's own columns
            f"SELECT {names} FROM jsonb_populate_recordset(NULL::quality_finding, %s::jsonb) "
            "ORDER BY seen_name_id, path, rule "
            "ON CONFLICT ON CONSTRAINT finding_once DO NOTHING RETURNING seen_name_id, path, rule",
            [_as_json(values)],
        )
        keys = {(name_id, storable_text(path), rule): (name_id, path, rule) for name_id, path, rule in deltas}
        return frozenset(keys[stored] for stored in cursor.fetchall())


def lock_rows(batch: CheckedBatch, keys: Iterable[FindingKey]) -> list[FindingRow]:
    """Lock the findings of these keys by their ids, as everybody does, and return what they say then."""
    ordered = list(keys)
    if not ordered:
        return []
    rows = []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, _parameters(batch, ordered))
        for place, id_, resolved_at, resolved_in, *values in cursor.fetchall():
            columns = dict(zip(_COLUMNS, values, strict=True))
            for name in _JSON_COLUMNS:
                columns[name] = json.loads(columns[name])
            rows.append(
                FindingRow(ordered[place - 1], id=id_, resolved_at=resolved_at, resolved_in=resolved_in, **columns)
            )
    return rows


def update_rows(rows: Sequence[FindingRow], deltas: Mapping[FindingKey, FindingDelta]) -> None:
    """Write what locked rows now say, all in one statement: a busy hour changes the same findings again and again."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [_as_json([{"id": row.id, **row.written(deltas[row.key])} for row in rows])])


def _parameters(batch: CheckedBatch, keys: Sequence[FindingKey]) -> list[Any]:
    return [*(list(column) for column in zip(*keys, strict=True)), batch.source.pk, batch.environment]


def _as_json(rows: list[dict[str, Any]]) -> str:
    return storable_json(rows, partial(json.dumps, default=str))
