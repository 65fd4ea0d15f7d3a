"""Empties the tables after a test that commits, by deleting its few rows: TRUNCATE makes the files of every table anew.

Django's `flush` truncates all tables and fills content types and permissions again, which takes many times as long as
most of those tests. Here these two stay, as no test changes them; where one did, `flush` has its way. What migrations
filled is there again afterwards, as in a new installation: `flush` leaves it away, and tests that count on it then
depend on which ones ran before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.test import TransactionTestCase
from psycopg import sql

from backup.tables.stored_tables import FILLED_BY_MIGRATIONS
from tests.application_role import become_owner
from tests.live_processes import wait_for_ended_processes

FILLED_BY_DJANGO = ("auth_permission", "django_content_type")
FEW_ROWS = 2_000
"""Up to so many rows in a table are deleted; of more, each of which is looked for in all that could name it, none."""

# The locks wait for whoever still writes, as those of TRUNCATE do, so that no row of theirs comes after the deletion.
# Which way is taken is known before any row is deleted: no table is truncated to which a deleted row refers.
DELETE_ROWS = """
DO $body$
DECLARE
    looked_at regclass;
    filled regclass[] := ARRAY[]::regclass[];
    rows bigint;
BEGIN
    LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;
    PERFORM set_config('signalbook.purge', 'on', true);
    FOREACH looked_at IN ARRAY ARRAY[{names}]::regclass[] LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT {many}) AS first', looked_at) INTO rows;
        IF rows > {few} THEN
            TRUNCATE {tables};
            RETURN;
        ELSIF rows > 0 THEN
            filled := filled || looked_at;
        END IF;
    END LOOP;
    FOREACH looked_at IN ARRAY filled LOOP
        EXECUTE format('DELETE FROM %s', looked_at);
    END LOOP;
END
$body$
"""
CONTENT = "SELECT coalesce(jsonb_agg(row ORDER BY row), '[]')::text FROM {} AS row"
FILL_AGAIN = "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)"


@contextmanager
def rows_deleted_after_tests() -> Iterator[None]:
    """Let tests that commit leave the tables as the migrations made them while the block lasts, which begins so."""
    _made.update(_content_of(FILLED_BY_MIGRATIONS))
    with patch.object(TransactionTestCase, "_fixture_teardown", lambda _test: empty_tables()):
        yield
    _made.clear()


def empty_tables() -> None:
    """Leave every table as the migrations made it, in the block of `rows_deleted_after_tests`. Sequences go on."""
    wait_for_ended_processes()
    with become_owner(connection):
        _delete_rows()
        if _content_of(FILLED_BY_DJANGO) != {table: _made[table] for table in FILLED_BY_DJANGO}:
            call_command("flush", verbosity=0, interactive=False, database=DEFAULT_DB_ALIAS, reset_sequences=False)
            _made.update(_content_of(FILLED_BY_DJANGO))
        for table in FILLED_BY_MIGRATIONS.difference(FILLED_BY_DJANGO):
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL(FILL_AGAIN).format(table=sql.Identifier(table)), [_made[table]])


_made: dict[str, str] = {}
"""The rows of the tables that migrations filled, as JSON."""


def _delete_rows() -> None:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in names if name not in FILLED_BY_DJANGO]
    statement = sql.SQL(DELETE_ROWS).format(
        tables=sql.SQL(", ").join(map(sql.Identifier, tables)),
        names=sql.SQL(", ").join(sql.Literal(f'"{name}"') for name in tables),
        many=sql.Literal(FEW_ROWS + 1),
        few=sql.Literal(FEW_ROWS),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _content_of(tables: Iterable[str]) -> dict[str, str]:
    content = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL(CONTENT).format(sql.Identifier(table)))
            (content[table],) = cursor.fetchone()
    return content
