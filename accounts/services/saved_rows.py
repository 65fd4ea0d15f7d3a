"""Rows that people curate by hand, saved and deleted with history; a conflict with another row is a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, ProtectedError, QuerySet

from accounts.history import record
from accounts.models import User
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from catalog.contract.name_folding import fold_name

M = TypeVar("M", bound=Model)

CURATED_NAMES_LOCK_ID = 7_311_005
"""The advisory lock that lets one transaction at a time decide that a curated name is like no other."""


def lock_row(row: M) -> M:
    """Return a row as it now is, locked until the transaction ends.

    Raises UnmetConditionsError (`gone`) where somebody has deleted it.
    """
    locked: M | None = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if locked is None:
        raise UnmetConditionsError([UnmetCondition("gone", f"{row} was deleted by somebody else.")])
    return locked


def save_validated(row: Model, *, update_fields: Iterable[str] | None = None) -> None:
    """Validate a row and save it.

    Raises ValidationError, at the field, where a value does not hold what it should, is taken, or names a row that is
    gone; also where somebody else takes it, or deletes that row, between the validation and the write.
    """
    row.full_clean()
    write_validated(row, update_fields=update_fields)


def write_validated(row: Model, *, update_fields: Iterable[str] | None = None) -> None:
    """Save a row that has just been validated.

    Raises ValidationError, at the field, where somebody else took a value or deleted a row that it names meanwhile.
    """
    try:
        with transaction.atomic():
            row.save(update_fields=update_fields)
            connection.check_constraints()  # references, too, which PostgreSQL else checks when all is committed
    except IntegrityError:
        # The write waited for the other transaction, so the validation sees what it did now and names the field.
        row.full_clean()
        raise


def lock_curated_names() -> None:
    """Wait until nobody else gives a curated name, and make others wait until this transaction ends.

    Taken before any such row is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CURATED_NAMES_LOCK_ID])


def row_named_like(name: str, among: QuerySet[M]) -> M | None:
    """Return the oldest row whose name people read as this one (`fold_name`), or None.

    Nobody else decides about such a name until this transaction ends. It reads every name, so it is for tables of
    hundreds of rows.
    """
    lock_curated_names()
    folded = fold_name(name)
    names = among.order_by("pk").values_list("pk", "name")
    found = next((pk for pk, other in names if fold_name(other) == folded), None)
    return None if found is None else among.get(pk=found)


def refuse_similar_name(row: M, name: str, among: QuerySet[M], *, is_moved: bool = False) -> None:
    """Raise ValidationError at `name` where people read it as that of another row; for a row that keeps its, nothing.

    `is_moved`: the row comes among others. Rows from before that read alike stay as they are until one of them is
    renamed or moved.
    """
    if not is_moved and not row._state.adding and getattr(row, "name", None) == name:
        return
    other = row_named_like(name, among.exclude(pk=row.pk))
    if other is not None:
        raise ValidationError({"name": similar_name_message(name, str(other))})


def similar_name_message(name: str, other: str) -> str:
    """Return what a person is told who gives a curated name that reads like another one."""
    if name == other:
        return f"{name[:80]!r} already exists. Use that one, or choose another name."
    return f"{name[:80]!r} reads like {other[:80]!r}, which there is already. Use that one, or choose another name."


@transaction.atomic
def save_with_history(
    row: M, fields: Mapping[str, Any], *, by: User, subject_type: str, at: datetime | None = None
) -> M:
    """Set the fields of a new row, or of one that the caller has locked; save it, record it, and return it.

    History records the creation, or each changed field's value before and after. Where nothing differs, nothing is
    written. Raises what `save_validated` raises.
    """
    is_new = row._state.adding
    before = {field: getattr(row, field) for field in fields}
    for field, value in fields.items():
        setattr(row, field, value)
    changed = [field for field, value in fields.items() if value != before[field]]
    if not is_new and not changed:
        return row
    save_validated(row, update_fields=None if is_new else changed)
    record(
        by=by,
        subject_type=subject_type,
        subject_id=row.pk,
        action="created" if is_new else "changed",
        message=str(row),
        evidence={} if is_new else {field: [str(before[field]), str(fields[field])] for field in changed},
        at=at,
    )
    return row


@transaction.atomic
def delete_with_history(
    row: Model, *, by: User, subject_type: str, evidence: Mapping[str, Any] | None = None, message: str = ""
) -> None:
    """Delete a row that no other row needs, and record who did.

    Raises UnmetConditionsError (`in_use`), which counts the rows that need it.
    """
    subject_id, name = row.pk, str(row)
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError as error:
        raise UnmetConditionsError([UnmetCondition("in_use", _usage(name, error.protected_objects))]) from error
    record(
        by=by,
        subject_type=subject_type,
        subject_id=subject_id,
        action="deleted",
        message=message or name,
        evidence=evidence,
    )


def _usage(name: str, users: Iterable[Model]) -> str:
    counts = Counter(type(user) for user in users)
    words = sorted(
        f"{count:,} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"
        for model, count in counts.items()
    )
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{name} cannot be deleted: it is still used by {listed}. Move or remove these first."
