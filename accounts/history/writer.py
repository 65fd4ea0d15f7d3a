"""The one writer of history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import HistoryEntry, User


def record(
    *,
    by: User,
    subject_type: str,
    subject_id: object,
    action: str,
    parent_type: str | None = None,
    parent_id: object | None = None,
    from_state: str = "",
    to_state: str = "",
    message: str = "",
    evidence: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> HistoryEntry:
    """Writes one entry in the transaction of the change that it describes, and returns it.

    `subject_type` is a short word ("request", "delivery", "source", "event", "property", "category", "tag", "import",
    "finding", "team", "user", "token", "purge", "erasure", "backup");
    `parent_type` and `parent_id` name the whole that the subject is a part of, both or neither. `evidence` is
    JSON that was true at that moment. `at` is for changes that are recorded later (the demo). Where `by`
    signed in with an API token, the entry names it.

    Raises TransactionManagementError outside a transaction: the entry and its change must be committed together.
    """
    _require_transaction()
    return HistoryEntry.objects.create(
        at=at or timezone.now(),
        actor=by,
        token=by.token,
        subject_type=subject_type,
        subject_id=str(subject_id),
        parent_type=parent_type,
        parent_id=None if parent_id is None else str(parent_id),
        action=action,
        from_state=from_state,
        to_state=to_state,
        message=message,
        evidence=dict(evidence or {}),
    )


class StateChange(NamedTuple):
    """One subject's change of state."""

    subject_id: object
    from_state: str
    to_state: str
    message: str = ""
    evidence: Mapping[str, Any] | None = None


def record_state_changes(
    changes: Iterable[StateChange], *, by: User, subject_type: str, action: str, at: datetime | None = None
) -> None:
    """Write an entry for each change, as `record` would, in one query. Raises what `record` raises."""
    _require_transaction()
    now = at or timezone.now()
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            at=now,
            actor=by,
            token=by.token,
            subject_type=subject_type,
            subject_id=str(change.subject_id),
            action=action,
            from_state=change.from_state,
            to_state=change.to_state,
            message=change.message,
            evidence=dict(change.evidence or {}),
        )
        for change in changes
    )


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("History is written in the transaction of its change.")
