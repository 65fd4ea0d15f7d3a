"""Empties the tables after a test that commits, by deleting its few rows: TRUNCATE makes the files of every table anew.

Django's `flush` truncates all tables and fills content types and permissions again, which takes many times as long as
most of those tests. Here these two stay, as no test changes them; where one did, `flush` has its way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection
from django.test import TransactionTestCase
from psycopg import sql

from tests.application_role import become_owner
from tests.live_processes import wait_for_ended_processes

FILLED_BY_DJANGO = ("auth_permission", "django_content_type")
FEW_ROWS = 2_000
"""Up to so many rows in a table are deleted; of more, each of which is looked for in all that could name it, none."""

# The locks wait for whoever still writes, as those of TRUNCATE do, so that no row of theirs comes after the deletion.
DELETE_ROWS = """
DO $body$
DECLARE
    filled regclass;
    rows bigint;
BEGIN
    LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;
    PERFORM set_config('signalbook.purge', 'on', true);
    FOREACH filled IN ARRAY ARRAY[{names}]::regclass[] LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT {many}) AS first', filled) INTO rows;
        IF rows > {few} THEN
            TRUNCATE {tables};
            EXIT;
        ELSIF rows > 0 THEN
            EXECUTE format('DELETE FROM %s', filled);
        END IF;
    END LOOP;
END
$body$
"""
CONTENT = "SELECT md5(string_agg(row::text, '' ORDER BY row::text)) FROM {} AS row"


@contextmanager
def rows_deleted_after_tests() -> Iterator[None]:
    """Let tests that commit leave their tables empty by deletion while the block lasts; the database is migrated."""
    filled = _content_by_table()

    def empty(_: TransactionTestCase) -> None:
        """Empty the tables of the one database that there is."""
        wait_for_ended_processes()
        delete_rows()
        if _content_by_table() != filled:
            call_command("flush", verbosity=0, interactive=False, database=DEFAULT_DB_ALIAS, reset_sequences=False)
            filled.update(_content_by_table())

    with patch.object(TransactionTestCase, "_fixture_teardown", empty):
        yield


def delete_rows() -> None:
    """Delete every row of every model but those that Django fills; sequences go on."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in names if name not in FILLED_BY_DJANGO]
    statement = sql.SQL(DELETE_ROWS).format(
        tables=sql.SQL(", ").join(map(sql.Identifier, tables)),
        names=sql.SQL(", ").join(sql.Literal(f'"{name}"') for name in tables),
        many=sql.Literal(FEW_ROWS + 1),
        few=sql.Literal(FEW_ROWS),
    )
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute(statement)


def _content_by_table() -> dict[str, str | None]:
    """Return what tells whether the rows of the tables that Django fills are still the same."""
    found = {}
    with connection.cursor() as cursor:
        for table in FILLED_BY_DJANGO:
            cursor.execute(sql.SQL(CONTENT).format(sql.Identifier(table)))
            (found[table],) = cursor.fetchone()
    return found
