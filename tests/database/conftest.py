"""A PostgreSQL that the tests of this folder may freeze with a connection to it, and a session of the application."""

from __future__ import annotations

from collections.abc import Iterator

import environ
import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from accounts.models import HistoryEntry
from database.base import DatabaseWrapper
from tests.database.frozen_server import FreezableServer, freezable_server
from tests.database.role_session import Session
from tests.factories.catalog import EventFactory
from tests.live_processes import database_url


@pytest.fixture(scope="module")
def freezable() -> Iterator[FreezableServer]:
    """A server without any table."""
    with freezable_server() as server:
        yield server


@pytest.fixture
def wrapper(freezable: FreezableServer) -> Iterator[DatabaseWrapper]:
    """A connection of Django's, by the engine of this project."""
    named = environ.Env.db_url_config(freezable.url)
    default = connections["default"].settings_dict
    wrapper = DatabaseWrapper(
        {**default, **named, "ENGINE": "database", "OPTIONS": named.get("OPTIONS", {})}, "default"
    )
    wrapper.ensure_connection()  # Django learns the server's types once, by the connection of the tests
    yield wrapper
    freezable.thaw()
    wrapper.close()


@pytest.fixture
def committed(transactional_db: None) -> HistoryEntry:
    """An entry of history, and a version, that every session sees."""
    EventFactory.create(name="Order Completed", is_live=True)
    return HistoryEntry.objects.filter(subject_type="event").earliest("pk")


@pytest.fixture
def session(committed: HistoryEntry) -> Iterator[Session]:
    """A session of the application's role as an intruder has it: signed in as that role, where the server lets it."""
    role = settings.APPLICATION_DATABASE_ROLE
    try:
        opened = psycopg.connect(database_url(role), autocommit=True)
    except psycopg.OperationalError:
        opened = psycopg.connect(database_url(), autocommit=True)
        opened.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
    with opened:
        assert opened.execute("SELECT session_user, current_user").fetchone() == (role, role)
        yield opened
