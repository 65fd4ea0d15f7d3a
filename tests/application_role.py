"""The database role of tests: the application's, which owns nothing, as in an installation.

The test run's own role creates the databases, migrates and empties them; every connection of Django to a test database
then becomes the application's role. The fixture `owner_role` leaves it for a test that changes tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.signals import connection_created


def ensure_role(role: str) -> bool:
    """Create the role where the server has none. Return whether this run's own role can become it."""
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        (may_create,) = cursor.fetchone()
        cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
        if cursor.fetchone() == (False,) and may_create:
            try:
                cursor.execute(f"CREATE ROLE {role} LOGIN")
            except Exception as error:  # another process of the run, or another run, was faster
                if not isinstance(error.__cause__, psycopg.errors.DuplicateObject | psycopg.errors.UniqueViolation):
                    raise
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND pg_has_role(current_user, oid, 'MEMBER'))",
            [role],
        )
        return bool(cursor.fetchone()[0])


def become_application(connection: BaseDatabaseWrapper) -> None:
    """Let the session act as the application's role.

    Where the run's role is a superuser the whole session changes hands, else its current role alone.
    """
    role = settings.APPLICATION_DATABASE_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        is_superuser = cursor.fetchone() == (True,)
        cursor.execute(f"SET SESSION AUTHORIZATION {role}" if is_superuser else f"SET ROLE {role}")


@contextmanager
def become_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let the session act as the owner of the tables for the block."""
    with connection.cursor() as cursor:
        cursor.execute("RESET SESSION AUTHORIZATION")  # which resets the role, too
        cursor.execute("RESET ROLE")
    try:
        yield
    finally:
        # In a transaction that failed nothing can be said; its rollback brings the role back, too.
        is_failed = connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
        if settings.APPLICATION_DATABASE_ROLE and not is_failed:
            become_application(connection)


@contextmanager
def application_role() -> Iterator[None]:
    """Let every connection to this run's test databases be the application's while the block lasts."""
    names = {str(wrapper.settings_dict["NAME"]) for wrapper in connections.all()}
    empty = DatabaseOperations.execute_sql_flush

    def on_connection(connection: BaseDatabaseWrapper, **ignored: Any) -> None:
        if connection.settings_dict["NAME"] in names:
            become_application(connection)

    def empty_as_owner(self: DatabaseOperations, statements: Sequence[str]) -> Any:
        with become_owner(self.connection):
            return empty(self, statements)

    connections.close_all()
    connection_created.connect(on_connection)
    try:
        with patch.object(DatabaseOperations, "execute_sql_flush", empty_as_owner):
            yield
    finally:
        connection_created.disconnect(on_connection)
        connections.close_all()
