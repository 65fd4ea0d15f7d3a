"""What the whole database says of an id: read from every column of every table, not from the places that we know of.

Bytes are looked into as they are and, where they are packed, unpacked: whether an id can be read in a packed body
rests on what stands beside it.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from tests.application_role import become_owner
from tracking.traffic.models.packed_body import unpack_body
from tracking.traffic.privacy.pseudonyms import person_hash, pseudonym

_READABLE = """
    SELECT relname, array_agg(attname::text ORDER BY attnum), array_agg(atttypid = 'bytea'::regtype ORDER BY attnum)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    GROUP BY relname
"""


def traces_of(*texts: str) -> dict[str, int]:
    """Return in how many rows of which table one of these texts stands, its pseudonym or its keyed hash."""
    needles = [
        needle.lower().encode()
        for text in texts
        for needle in (text, json.dumps(text)[1:-1], pseudonym(text), str(person_hash(text)))
    ]
    found = {}
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute(_READABLE)
        for table, columns, are_bytes in cursor.fetchall():
            columns_of_table = [
                sql.Identifier(column) if is_bytes else sql.SQL("{}::text").format(sql.Identifier(column))
                for column, is_bytes in zip(columns, are_bytes, strict=True)
            ]
            statement = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(columns_of_table), sql.Identifier(table))
            cursor.execute(statement)
            rows = (b" ".join(_readable(value) for value in row) for row in cursor)
            if count := sum(any(needle in row for needle in needles) for row in rows):
                found[table] = count
    return found


def _readable(value: str | bytes | memoryview | None) -> bytes:
    """Return a value of a column as it is searched: in lower case, unpacked."""
    if isinstance(value, bytes | memoryview):
        return unpack_body(bytes(value)).lower()
    return (value or "").lower().encode()


@dataclass(frozen=True, slots=True)
class Erasure:
    """How the command ended: its exit code, what it printed, and why it refused."""

    code: int
    output: str
    error: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def erase(id: str, **options: Any) -> Erasure:
    """Run the command as the owner, as an operator does."""
    output = io.StringIO()
    code, error = 0, ""
    with become_owner(connection):
        try:
            call_command("erase_subject", id, stdout=output, **options)
        except CommandError as refused:
            code, error = refused.returncode, str(refused)
    erased, found, _ = output.getvalue().partition("Erased.")
    lines = [line.split(maxsplit=1) for line in erased.splitlines() if found and line.startswith(" ")]
    counts = {what: int(count.replace(",", "")) for count, what in lines}
    return Erasure(code, output.getvalue(), error, counts)
