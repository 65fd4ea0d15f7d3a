"""Many rows written at once by COPY, several times as fast as statements that list them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

_BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # without flags or an extension
_BINARY_END = b"\xff\xff"


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a model's table, in their order. Values are as columns store them; JSON is `storable_json`.

    Raises django.db's errors.
    """
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"
    # Django turns the errors of statements into its own, and not those of copies.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def copy_binary(model: type[models.Model], columns: Sequence[str], rows: Iterable[bytes]) -> None:
    """Append rows to a model's table, each packed as PostgreSQL's binary format of COPY has it.

    That is how many columns there are in 2 bytes, then of each the length of its value in 4 bytes (-1 for null) and the
    value. Whole numbers are as long as their columns, all big-endian. Raises django.db's errors.
    """
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    statement = f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join((_BINARY_HEADER, *rows, _BINARY_END)))


def array_literal(values: Iterable[object]) -> str:
    """Return numbers, times or plain words as PostgreSQL writes an array, which is quicker than binding each.

    None of them may hold a quote or a backslash: the ids, times and environments that this is for do not.
    """
    return "{" + ",".join([f'"{value}"' for value in values]) + "}"
