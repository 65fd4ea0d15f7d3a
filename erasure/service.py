"""Erases a subject, in passes, until nothing of it is left that anybody could still have been at work on."""

import getpass
import time
from collections import Counter

import psycopg
from django.db import OperationalError, connection, transaction

from accounts.history import record, require_owner_role
from accounts.models import User
from erasure.declarations import erasers
from erasure.receipt import Receipt
from erasure.remaining_texts import find_remaining_texts
from erasure.subject import Subject
from tracking.traffic import maintenance_lock

MAX_PASSES = 5
WAIT_SECONDS = 30.0
"""For transactions that began before a pass ended: they may have read what it erased, or store what came before it."""
POLL_SECONDS = 0.1
LOCK_SECONDS = 150.0
"""For the checks that are under way: a worker that takes longer is replaced, and its transaction ends."""

# Whoever writes holds a lock on the id of their own transaction.
_OPEN_TRANSACTIONS = """
    SELECT transactionid::text FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()
        AND pid <> pg_backend_pid()
"""


def erase_subject(subject: Subject, *, reason: str) -> Receipt:
    """Erase what is kept of a subject, and return the receipt, which history keeps too (subject *erasure*).

    While a pass lasts nothing is checked. What arrived before the call is gone when it returns; what arrives meanwhile
    too, unless it never ends: then the receipt is not complete. Doing it again is harmless.

    Who owns the database may do it, and nobody else: raises OwnerRoleRequired for the application's role.
    """
    require_owner_role()
    receipt = Receipt(subject.receipt_id)
    receipt.is_complete = False
    for number in range(MAX_PASSES):
        erased = _try_to_erase(subject)
        if erased is None:
            break
        receipt.erased += erased
        # Whoever read a sample before it went, or has stored a body and not committed, is seen by the next pass.
        if number and not erased:
            receipt.is_complete = True
            break
        if not _wait_for_open_transactions():
            break
    receipt.remaining = find_remaining_texts(subject)
    _record(receipt, subject, reason)
    return receipt


def _try_to_erase(subject: Subject) -> Counter[str] | None:
    """Erase what is there now, and return what that was; None where somebody holds a lock for too long."""
    try:
        return _erase_once(subject)
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            return None
        raise


@transaction.atomic
def _erase_once(subject: Subject) -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_SECONDS * 1000:.0f}ms"])
    maintenance_lock.acquire_exclusive()
    erased: Counter[str] = Counter()
    for erase in erasers():
        erased += erase(subject)
    return erased


def _wait_for_open_transactions() -> bool:
    """Return True once all transactions have ended that are open now and write; False where one takes too long."""
    deadline = time.monotonic() + WAIT_SECONDS
    open_at_first = _open_transactions()
    while open_at_first & _open_transactions():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _open_transactions() -> set[str]:
    """Return the ids of the transactions of this database that write, or have locked a row to do so."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_TRANSACTIONS)
        return {transaction_id for (transaction_id,) in cursor.fetchall()}


@transaction.atomic
def _record(receipt: Receipt, subject: Subject, reason: str) -> None:
    """Write the receipt into history: who, when and why, never the id; and note when on the receipt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        (database_role,) = cursor.fetchone()
    entry = record(
        by=User.objects.system(),
        subject_type="erasure",
        subject_id=receipt.receipt_id,
        action="subject erased",
        message=reason,
        evidence={
            **receipt.as_json(),
            "kind": subject.kind.value,
            "system_user": _system_user(),
            "database_role": database_role,
        },
    )
    receipt.at = entry.at


def _system_user() -> str:
    """Return who runs this process, as the machine knows them; "" where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
