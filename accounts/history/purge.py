"""The two ways past the triggers that keep rows as they were written: `purge_rows` and `allow_purge`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.history.writer import record
from accounts.models import HistoryEntry, User

log = structlog.get_logger(__name__)

SET_PURGE_FLAG = "SELECT set_config('signalbook.purge', %s, true)"
IS_OWNER = "SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE oid = %s::regclass"
PURGE_ROWS = "SELECT signalbook_purge_rows(%s, %s, %s, %s)"
# An entry of history names each row that was purged, and the function takes no more than fit into one.
ROWS_OF_ONE_ENTRY = 1000


class OwnerRoleRequired(Exception):
    """The database role of this process does not own the tables, and what was asked for is the owner's alone."""


def purge_rows(rows: QuerySet[Any], *, by: User, reason: str) -> int:
    """Delete rows of one table that are written once, all or none, and return how many.

    A function of the database's owner does it, a thousand rows at a time. Where it deletes any, it writes into history
    (subject *purge*) who had which rows deleted and why, an entry for each thousand. It leaves history of people,
    tokens, teams and purges where it is.

    Raises django.db.ProgrammingError for a table whose rows are not written once.
    """
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    removed = 0
    # In one transaction: rows may refer to those of the next portion, which is looked at when it ends.
    with transaction.atomic(), connection.cursor() as cursor:
        for begin in range(0, len(ids), ROWS_OF_ONE_ENTRY):
            portion = ids[begin : begin + ROWS_OF_ONE_ENTRY]
            cursor.execute(PURGE_ROWS, [rows.model._meta.db_table, portion, by.pk, reason])
            removed += int(cursor.fetchone()[0])
    return removed


def require_owner_role() -> None:
    """Raise OwnerRoleRequired unless this process may change rows that are written once."""
    with connection.cursor() as cursor:
        cursor.execute(IS_OWNER, [HistoryEntry._meta.db_table])
        if cursor.fetchone() != (True,):
            raise OwnerRoleRequired(
                "Rows that are written once are changed by the owner of the database alone, and this process is not "
                "the owner. Run the command with DATABASE_ROLE=owner and OWNER_DATABASE_URL."
            )


@contextmanager
def allow_purge(*, by: User, reason: str) -> Iterator[None]:
    """A transaction in which the owner may change and delete protected rows; leaving it ends that.

    For commands that run as the owner of the database. History keeps who purged and why (subject *purge*), and the log
    says it before and after. Raises OwnerRoleRequired for the application's role.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        require_owner_role()
        log.warning("purge.started", by=by.username, reason=reason)
        cursor.execute(SET_PURGE_FLAG, ["on"])
        yield
        # An outer transaction is protected again from here on. A failure rolls the flag back with the savepoint.
        cursor.execute(SET_PURGE_FLAG, ["off"])
        record(by=by, subject_type="purge", subject_id="all", action="protected rows changed", message=reason)
    log.warning("purge.finished", by=by.username, reason=reason)
