"""A PostgreSQL that the tests of this folder may freeze, and Django's connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import environ
import pytest
from django.db import connections

from database.base import DatabaseWrapper
from tests.database.frozen_server import FreezableServer, freezable_server


@pytest.fixture(scope="module")
def freezable() -> Iterator[FreezableServer]:
    """A server without any table."""
    with freezable_server() as server:
        yield server


@pytest.fixture
def wrapper(freezable: FreezableServer) -> Iterator[DatabaseWrapper]:
    """A connection of Django's, by the engine of this project."""
    settings = environ.Env.db_url_config(freezable.url)
    default = connections["default"].settings_dict
    wrapper = DatabaseWrapper(
        {**default, **settings, "ENGINE": "database", "OPTIONS": settings.get("OPTIONS", {})}, "default"
    )
    wrapper.ensure_connection()  # Django learns the server's types once, by the connection of the tests
    yield wrapper
    freezable.thaw()
    wrapper.close()
