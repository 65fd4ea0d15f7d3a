"""How rows leave a table and enter one: COPY in its text format, which reads alike in every version of PostgreSQL."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from psycopg import sql

from backup.tables.stored_tables import StoredTable

BLOCK_BYTES = 1024 * 1024

# What a server's own settings could change in how values are written. 1 is all digits that a number needs.
WRITE_ALIKE_EVERYWHERE = """
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
"""


def write_alike_everywhere() -> None:
    """Let this transaction write values as every other server does that was told so."""
    with connection.cursor() as cursor:
        cursor.execute(WRITE_ALIKE_EVERYWHERE)


def read_rows(table: StoredTable) -> Iterator[bytes]:
    """Yield the rows of a table in the order of their keys, in blocks of whole rows of about a megabyte."""
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        table.column_list, table.identifier, table.order
    )
    rows = bytearray()
    with connection.wrap_database_errors, _cursor() as cursor, cursor.copy(statement) as copy:
        for row in copy:
            rows += row
            if len(rows) >= BLOCK_BYTES:
                yield bytes(rows)
                rows.clear()
    if rows:
        yield bytes(rows)


def append_rows(table: StoredTable, columns: Iterable[str], blocks: Iterable[bytes]) -> None:
    """Append rows to a table; `columns` says in which order their values stand.

    Raises django.db.DataError and its like where the database refuses one.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        table.identifier, sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.wrap_database_errors, _cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def _cursor() -> Any:
    """Return a cursor of Django's, which hands COPY on to psycopg; its stubs do not know that."""
    return connection.cursor()
