"""The recorder of findings: called by the check inside the transaction of its counts."""

import json
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from accounts.history import record
from accounts.models import User
from catalog.choices import OwnerRole
from catalog.contract import Severity
from catalog.models import Ownership
from tracking.quality.choices import FindingState
from tracking.quality.finding_deltas import SAMPLES, Gain, Key, gains
from tracking.quality.models import Finding
from tracking.traffic.check.check_results import CheckedBatch

_COLUMNS = (
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
    "samples jsonb",
)
"""What a batch changes of a finding, with the types of the columns."""

APP_VERSIONS_KEPT = 200
UNKNOWN_KEYS_KEPT = 100
OTHER = "(other)"


def record_findings(batch: CheckedBatch) -> None:
    """Add a checked batch's violations to their findings, making those that are new.

    Rows are made and then locked in one order by every worker, so that two of them wait for
    each other and never deadlock. A resolved finding that comes back is regressed.
    """
    grouped = gains(batch.fresh)
    if not grouped:
        return
    _make_missing(batch, grouped)
    rows = _locked(batch, grouped)
    for row in rows:
        _add(row, grouped[(row.seen_name_id, row.path, row.rule)])
    _write(rows)


def _make_missing(batch: CheckedBatch, grouped: Mapping[Key, Gain]) -> None:
    known = set(
        Finding.objects.filter(
            source=batch.source,
            environment=batch.environment,
            seen_name_id__in={key[0] for key in grouped},
        ).values_list("seen_name_id", "path", "rule")
    )
    missing = [(key, gain) for key, gain in grouped.items() if key not in known]
    if not missing:
        return
    owners = _owners(batch, {key[0] for key, _gain in missing})
    Finding.objects.bulk_create(
        [
            Finding(
                source=batch.source,
                environment=batch.environment,
                seen_name_id=key[0],
                path=key[1],
                rule=key[2],
                severity=gain.severity,
                owner_id=owners.get(key[0]),
                first_seen=gain.first_seen,
                last_seen=gain.last_seen,
            )
            for key, gain in missing
        ],
        ignore_conflicts=True,
    )


def _owners(batch: CheckedBatch, seen_name_ids: Iterable[int]) -> dict[int, int]:
    """Return who answers for each name: the development owner of its event, else the analysis owner."""
    events = {
        checked.seen_name_id: checked.event_id
        for checked in batch.events
        if checked.event_id is not None and checked.seen_name_id in seen_name_ids
    }
    by_event: dict[int, dict[str, int]] = {}
    rows = Ownership.objects.filter(event_id__in=events.values(), person__is_active=True)
    for event_id, role, person_id in rows.values_list("event_id", "role", "person_id"):
        by_event.setdefault(event_id, {}).setdefault(role, person_id)
    owners = {}
    for seen_name_id, event_id in events.items():
        roles = by_event.get(event_id, {})
        owner_id = roles.get(OwnerRole.DEVELOPMENT) or roles.get(OwnerRole.ANALYSIS)
        if owner_id is not None:
            owners[seen_name_id] = owner_id
    return owners


def _locked(batch: CheckedBatch, grouped: Mapping[Key, Gain]) -> list[Finding]:
    rows = (
        Finding.objects.select_for_update()
        .filter(
            source=batch.source,
            environment=batch.environment,
            seen_name_id__in={key[0] for key in grouped},
            path__in={key[1] for key in grouped},
            rule__in={key[2] for key in grouped},
        )
        .order_by("id")
    )
    return [row for row in rows if (row.seen_name_id, row.path, row.rule) in grouped]


def _write(rows: Sequence[Finding]) -> None:
    """Write what the rows now say, all in one statement: a busy hour changes the same findings again and again."""
    columns = [column.split()[0] for column in _COLUMNS]
    written = [{column: getattr(row, column) for column in ("id", *columns)} for row in rows]
    assignments = ", ".join(f"{column} = written.{column}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE quality_finding AS finding SET {assignments} "  # noqa: S608  names of ours, listed above
            f"FROM jsonb_to_recordset(%s::jsonb) AS written (id bigint, {', '.join(_COLUMNS)}) "
            "WHERE finding.id = written.id",
            [json.dumps(written, default=str)],
        )


def _add(row: Finding, gain: Gain) -> None:
    row.count += gain.count
    if gain.severity == Severity.ERROR:
        row.severity = Severity.ERROR
    row.first_seen = min(row.first_seen, gain.first_seen)
    row.last_seen = max(row.last_seen, gain.last_seen)
    row.expected, row.came = gain.expected, gain.came
    row.app_versions = _merged(row.app_versions, gain.app_versions, APP_VERSIONS_KEPT)
    row.versions = _merged(row.versions, gain.versions, APP_VERSIONS_KEPT)
    row.unknown_keys = _merged(row.unknown_keys, gain.unknown_keys, UNKNOWN_KEYS_KEPT)
    row.samples = [*gain.samples[::-1], *row.samples][:SAMPLES]
    if row.state == FindingState.RESOLVED and row.resolved_at and gain.last_seen > row.resolved_at:
        record(
            by=User.objects.system(),
            subject_type="finding",
            subject_id=row.pk,
            action="came_back",
            from_state=row.state,
            to_state=FindingState.REGRESSED,
        )
        row.state = FindingState.REGRESSED


def _merged(counts: Mapping[str, int], more: Mapping[str, int], kept: int) -> dict[str, int]:
    """Return the sums of both; keys past the first `kept` are counted as one."""
    merged = dict(counts)
    for key, count in sorted(more.items()):
        if key not in merged and len(merged) >= kept:
            key = OTHER
        merged[key] = merged.get(key, 0) + count
    return merged
