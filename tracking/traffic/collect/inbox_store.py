"""Where bodies go that are taken: rows of the inbox, committed before anybody is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tracking.traffic.models import InboxBatch
from tracking.traffic.models.packed_body import pack_body

_COLUMNS = {
    "source_id": "int8",
    "environment": "varchar",
    "wire": "varchar",
    "call": "varchar",
    "body": "bytea",
    "event_count": "int4",
    "received_at": "timestamptz",
    "is_history": "bool",
    "size": "int4",
    "attempts": "int2",
    "lost_leases": "int2",
    "is_alone": "bool",
    "last_error": "text",
}
"""What a row begins with, and the types of the columns."""

_STATEMENT = f"COPY {InboxBatch._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"


@dataclass(frozen=True, slots=True)
class AcceptedBody:
    """A body that was read, split and authenticated. `body` is inflated."""

    source_id: int
    environment: str
    wire: str
    call: str
    body: bytes
    event_count: int
    received_at: datetime
    is_history: bool


def store(bodies: Sequence[AcceptedBody]) -> None:
    """Store bodies, all of them or none, and return once they are committed.

    Raises django.db's OperationalError where the database cannot store anything just now. The one way into the inbox.
    """
    # Django turns the errors of statements into its own, and not those of copies.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_STATEMENT) as copy:
        copy.set_types(list(_COLUMNS.values()))
        for accepted in bodies:
            copy.write_row(_row_of(accepted))


def _row_of(accepted: AcceptedBody) -> tuple[object, ...]:
    """Return a body's values in the order of the columns: nobody has tried it yet, and nothing failed."""
    return (
        accepted.source_id,
        accepted.environment,
        accepted.wire,
        accepted.call,
        pack_body(accepted.body),
        accepted.event_count,
        accepted.received_at,
        accepted.is_history,
        len(accepted.body),
        *(0, 0, False, ""),
    )
