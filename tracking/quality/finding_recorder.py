"""The recorder of findings: called by the check inside the transaction of its counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.history import StateChange, record_state_changes
from accounts.models import User
from catalog.choices import OwnerRole
from catalog.contract import Severity
from catalog.models import Ownership
from tracking.quality.choices import FindingState
from tracking.quality.finding_deltas import FindingDelta, FindingKey, group_by_finding
from tracking.quality.finding_limits import OVERFLOW_RULE, limit_new_findings
from tracking.quality.finding_rows import FindingRow, existing_keys, insert_rows, lock_rows, update_rows
from tracking.quality.fixed_versions import FixOrder
from tracking.traffic.check.check_results import CheckedBatch

MAX_APP_VERSIONS = 200
MAX_UNKNOWN_KEYS = 100
MAX_VERSIONS_NAMED = 5
OVERFLOW_KEY = "(other)"


@dataclass(frozen=True, slots=True)
class RecordedFindings:
    """What one batch did to findings: the keys of those that it opened, and the ids of those that it opened again.

    Of two workers that bring the same new finding at once, one has opened it: a notice that follows is sent once.
    """

    opened: frozenset[FindingKey] = frozenset()
    came_back: tuple[object, ...] = ()


def record_findings(batch: CheckedBatch) -> RecordedFindings:
    """Add a checked batch's violations to their findings, making those that are new, up to a limit an hour.

    Rows are made and then locked in one order by every worker, so that two of them wait for
    each other and never deadlock. A resolved finding that comes back is regressed; one that was resolved in an app
    version comes back by what that version or a later one sends, and only counts what older ones send.
    """
    deltas = group_by_finding(batch.deduplicated)
    if not deltas:
        return RecordedFindings()
    existing = existing_keys(batch, deltas)
    deltas = limit_new_findings(batch, deltas, [key for key in deltas if key not in existing])
    # What is past the limit counts in a row that there may be.
    missing = {key: delta for key, delta in deltas.items() if key not in existing}
    opened = _insert_missing(batch, missing)
    rows = lock_rows(batch, {key: delta for key, delta in deltas.items() if key not in opened})
    order = _load_fix_order(batch, rows, deltas)
    for row in rows:
        _apply_delta(row, deltas[row.key])
    came_back = [
        change
        for row in rows
        if row.state == FindingState.RESOLVED and (change := _apply_to_resolved(row, deltas[row.key], order))
    ]
    if came_back:
        record_state_changes(came_back, by=User.objects.system(), subject_type="finding", action="came_back")
    update_rows(rows, deltas)
    return RecordedFindings(opened, tuple(change.subject_id for change in came_back))


def _insert_missing(batch: CheckedBatch, missing: Mapping[FindingKey, FindingDelta]) -> frozenset[FindingKey]:
    """Make these findings, and return which of them were made here: another worker may have made some meanwhile."""
    if not missing:
        return frozenset()
    owners = _default_owners(batch, {key[0] for key in missing})
    rows = []
    for key, delta in missing.items():
        row = FindingRow(key, delta.severity, delta.first_seen, delta.last_seen)
        _apply_delta(row, delta)
        rows.append(row)
    return insert_rows(batch, rows, missing, owners)


def _default_owners(batch: CheckedBatch, seen_name_ids: Iterable[int]) -> dict[int, int]:
    """Return who answers for each name: the development owner of its event, else the analysis owner."""
    events = {
        event.seen_name_id: event.event_id
        for event in batch.events
        if event.event_id is not None and event.seen_name_id in seen_name_ids
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


def _load_fix_order(
    batch: CheckedBatch, rows: Sequence[FindingRow], deltas: Mapping[FindingKey, FindingDelta]
) -> FixOrder:
    """Return the order of the app versions that findings were resolved in and of those that came."""
    app_versions = set()
    for row in rows:
        if row.state == FindingState.RESOLVED and row.resolved_in:
            app_versions |= {row.resolved_in, *deltas[row.key].app_versions}
    return FixOrder.load(batch.source, batch.environment, app_versions)


def _apply_delta(row: FindingRow, delta: FindingDelta) -> None:
    """Add a delta to its finding, whose severity, expected and came stay those of the newest event.

    So an error that a newer definition only warns of becomes a warning. The finding that stands for those past the
    limit is of many kinds: it stays an error once one of them was.
    """
    row.count += delta.count
    # Batches are not checked in the order in which they came.
    is_newest = delta.last_seen >= row.last_seen
    if row.key[2] == OVERFLOW_RULE:
        if delta.severity == Severity.ERROR:
            row.severity = Severity.ERROR
    elif is_newest:
        row.severity = delta.severity
    if is_newest:
        row.expected, row.came = delta.expected, delta.came
    row.first_seen = min(row.first_seen, delta.first_seen)
    row.last_seen = max(row.last_seen, delta.last_seen)
    row.app_versions = _merge_counts(row.app_versions, delta.app_versions, MAX_APP_VERSIONS)
    row.versions = _merge_counts(row.versions, delta.versions, MAX_APP_VERSIONS)
    row.unknown_keys = _merge_counts(row.unknown_keys, delta.unknown_keys, MAX_UNKNOWN_KEYS)


def _apply_to_resolved(row: FindingRow, delta: FindingDelta, order: FixOrder) -> StateChange | None:
    """Make a resolved finding regressed by what happened after that, but for app versions older than its fix.

    What happened before and was sent later, as by a phone that was offline, says nothing of the fix.

    Return the change for history; None where it stays resolved.
    """
    resolved_at, fixed_in = row.resolved_at, row.resolved_in
    if resolved_at is None:
        return None
    came_after = {version: at for version, at in delta.app_versions_last_at.items() if at > resolved_at}
    older = {
        version for version, at in came_after.items() if fixed_in and order.is_fixed(version, fixed_in, at=at) is False
    }
    row.older_count += sum(delta.app_versions[version] for version in older)
    came_back_in = sorted(came_after.keys() - older)
    if not came_back_in:
        return None
    from_state, row.state = row.state, FindingState.REGRESSED
    return StateChange(
        row.id,
        from_state,
        row.state,
        _came_back_message(fixed_in, came_back_in) if fixed_in else "",
        {"resolved_in": fixed_in, "app_versions": came_back_in[:MAX_APP_VERSIONS]} if fixed_in else {},
    )


def _came_back_message(fixed_in: str, app_versions: Sequence[str]) -> str:
    named = [version for version in app_versions if version]
    came_in = f"in {', '.join(named[:MAX_VERSIONS_NAMED])}" if named else "without an app version"
    return f"It was fixed in {fixed_in} and came {came_in}."


def _merge_counts(counts: Mapping[str, int], added: Mapping[str, int], max_keys: int) -> dict[str, int]:
    """Return the sums of both; keys past the first `max_keys` are counted as one."""
    merged = dict(counts)
    for key, count in sorted(added.items()):
        if key not in merged and len(merged) >= max_keys:
            key = OVERFLOW_KEY
        merged[key] = merged.get(key, 0) + count
    return merged
