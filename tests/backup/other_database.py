"""A second database beside that of the test run: an empty installation, into which tests restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from django.db import connection, connections
from psycopg import sql

from tests.application_role import become_application
from tests.live_processes import application_database, database_url

CONTENT = """
SELECT count(*), md5(coalesce(string_agg(line, ',' ORDER BY line COLLATE "C"), ''))
FROM (SELECT t::text AS line FROM {} t) AS lines
"""


@dataclass(frozen=True, slots=True)
class OtherDatabase:
    """A database of the same server. `name` is what the server calls it."""

    name: str

    @property
    def owner_url(self) -> str:
        """Its URL for the role that owns it."""
        return urlsplit(database_url())._replace(path=f"/{self.name}").geturl()

    def owner_environment(self) -> dict[str, str]:
        """How a process reaches it as its owner."""
        return {"DATABASE_URL": self.owner_url, "TEST_DATABASE_ROLE": "none"}  # whoever signs in remains it

    def application_environment(self) -> dict[str, str]:
        """How a process reaches it as the application."""
        environment = application_database()
        url = urlsplit(environment["DATABASE_URL"])._replace(path=f"/{self.name}").geturl()
        return environment | {"DATABASE_URL": url}

    @contextmanager
    def connected(self, *, as_application: bool = False) -> Iterator[None]:
        """Let Django's connection of this thread be to this database, as its owner or as the application."""
        ours = connection.settings_dict["NAME"]
        connections.close_all()
        connection.settings_dict["NAME"] = self.name
        try:
            if as_application:
                become_application(connection)
            yield
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = ours


def empty_copy(name: str) -> OtherDatabase:
    """Create a database that is what the database of the test run is now. Nobody else may be connected to that."""
    ours = connection.settings_dict["NAME"]
    connections.close_all()
    other = OtherDatabase(name)
    drop(other)
    with _administration() as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [ours])
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(ours)))
    return other


def drop(other: OtherDatabase) -> None:
    """Remove the database, whoever is connected to it."""
    with _administration() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(other.name)))


def _administration() -> psycopg.Connection[tuple[object, ...]]:
    """Return a session of the run's own role, in a database that is not that of the tests."""
    with connection._nodb_cursor() as cursor:
        name = cursor.connection.info.dbname
    return psycopg.connect(urlsplit(database_url())._replace(path=f"/{name}").geturl(), autocommit=True)


def content() -> dict[str, tuple[int, str]]:
    """Return for each table how many rows it has, and a hash of all their columns, generated ones too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
        )
        found = {}
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL(CONTENT).format(sql.Identifier(name)))
            found[name] = cursor.fetchone()
        return found
