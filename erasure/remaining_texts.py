"""Where the characters of an id still stand after an erasure: in what colleagues wrote, and in names."""

import json

from django.db import connection
from psycopg import sql

from erasure.subject import Subject

_COLUMNS = """
    SELECT relname, array_agg(attname::text ORDER BY attnum), array_agg(format_type(atttypid, NULL) ORDER BY attnum)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND attnum > 0 AND NOT attisdropped
        AND (atttypid IN ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'bytea'::regtype)
            OR atttypid = 'varchar[]'::regtype)
    GROUP BY relname ORDER BY relname
"""


def find_remaining_texts(subject: Subject) -> dict[str, int] | None:
    """Return in how many rows the id stands, by `table.column`, whatever is around it and in whichever case.

    Every table of the database is read once, from its first row to its last. None for an id that is too short to mean
    somebody wherever it stands.
    """
    if not subject.is_distinctive:
        return None
    escaped = json.dumps(subject.id, ensure_ascii=False)[1:-1]
    written: dict[str, str | bytes] = {"text": subject.id, "json": escaped, "bytes": subject.id.encode()}
    remaining: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, columns, types in cursor.fetchall():
            counts = [
                sql.SQL("count(*) FILTER (WHERE {} > 0)").format(_position(column, type_name))
                for column, type_name in zip(columns, types, strict=True)
            ]
            statement = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(counts), sql.Identifier(table))
            cursor.execute(statement, written)
            row = cursor.fetchone()
            remaining |= {f"{table}.{column}": count for column, count in zip(columns, row, strict=True) if count}
    return remaining


def _position(column: str, type_name: str) -> sql.Composed:
    """Return the expression that is above 0 where the id stands in a column."""
    name = sql.Identifier(column)
    if type_name == "bytea":
        return sql.SQL("position(%(bytes)s::bytea IN {})").format(name)
    needle = sql.SQL("%(json)s" if type_name == "jsonb" else "%(text)s")
    return sql.SQL("strpos(lower({}::text), lower({}))").format(name, needle)
