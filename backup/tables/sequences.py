"""The ids that tables give next. After a restore, too, no id of a deleted row is given again: history may name it."""

from django.db import connection
from psycopg import sql

from backup.tables.stored_tables import StoredTable


def next_id(table: StoredTable) -> int | None:
    """Return the id that the table's next row would get, None where it gives none by itself."""
    sequence = _sequence(table)
    if sequence is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT last_value + is_called::int FROM {}").format(sequence))
        return int(cursor.fetchone()[0])


def restart_ids(table: StoredTable, at: int | None) -> None:
    """Let the table give its next row the id `at`, or a higher one where a row has that already.

    Undone with its transaction, which `setval` is not.
    """
    sequence = _sequence(table)
    if sequence is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT coalesce(max({}), 0) + 1 FROM {}").format(sql.Identifier(table.key), table.identifier)
        )
        (past_highest,) = cursor.fetchone()
        first = sql.Literal(max(at or 1, past_highest))
        cursor.execute(sql.SQL("ALTER SEQUENCE {} RESTART WITH {}").format(sequence, first))


def _sequence(table: StoredTable) -> sql.Composable | None:
    if not table.has_sequence:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(quote_ident(%s), %s)", [table.name, table.key])
        (name,) = cursor.fetchone()
    return sql.SQL(name) if name else None  # the server has quoted it
