"""A database of an earlier release beside that of the test run, which every connection of this process then reaches."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from django.db import connection, connections
from psycopg import sql

from tests.application_role import application_role
from tests.live_processes import database_url

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"


@contextmanager
def restored_database(dump: Path) -> Iterator[None]:
    """Restore the SQL in a file into a database of its own, which is dropped afterwards.

    Its tables belong to the role of the test run, as which `psycopg.connect(database_url())` signs in. Inside the block
    Django's connections are the application's.
    """
    own_name = connection.settings_dict["NAME"]
    name = f"{own_name}_upgrade"
    server_url = database_url()
    _run(server_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run(server_url, "CREATE DATABASE {}", name)
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        with psycopg.connect(database_url()) as session:
            session.execute(lzma.decompress(dump.read_bytes()))
        with application_role():
            yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = own_name
        _run(server_url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def count_rows() -> dict[str, int]:
    """Return how many rows each table has."""
    with psycopg.connect(database_url()) as session:
        tables = [table for (table,) in session.execute(_TABLES)]
        counts = {}
        for table in tables:
            row = session.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            assert row is not None
            counts[table] = int(row[0])
        return counts


def _run(url: str, statement: LiteralString, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(sql.SQL(statement).format(sql.Identifier(name)))
