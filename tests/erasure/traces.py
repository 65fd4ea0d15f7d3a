"""What the whole database says of an id: read from every column of every table, not from the places that we know of."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from tests.application_role import become_owner
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
        needle for text in texts for needle in (text, json.dumps(text)[1:-1], pseudonym(text), str(person_hash(text)))
    ]
    found = {}
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute(_READABLE)
        for table, columns, are_bytes in cursor.fetchall():
            parts = [
                sql.SQL("encode({}, 'escape')").format(sql.Identifier(column))
                if is_bytes
                else sql.SQL("{}::text").format(sql.Identifier(column))
                for column, is_bytes in zip(columns, are_bytes, strict=True)
            ]
            whole = sql.SQL("lower(concat_ws(' ', {}))").format(sql.SQL(", ").join(parts))
            statement = sql.SQL(
                "SELECT count(*) FROM {} WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS one WHERE strpos({}, one) > 0)"
            ).format(sql.Identifier(table), whole)
            cursor.execute(statement, [[needle.lower() for needle in needles]])
            if count := cursor.fetchone()[0]:
                found[table] = count
    return found


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
