"""A PostgreSQL that the tests of this folder may freeze, and Django's connection to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import environ
import pytest
from django.db import connections

from database.base import DatabaseWrapper
from runtime.database.postgres_home import root_home, user_home
from runtime.database.temporary_database import temporary_database
from tests.database.frozen_server import FreezableServer
from tests.runtime.ordinary_user import IS_ROOT


@pytest.fixture(scope="module")
def freezable() -> Iterator[FreezableServer]:
    """A server without any table."""
    with tempfile.TemporaryDirectory(prefix="signalbook-frozen-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        home = root_home(folder) if IS_ROOT else user_home(folder)
        with temporary_database(folder) as url:
            yield FreezableServer(url, home.data)


@pytest.fixture
def wrapper(freezable: FreezableServer) -> Iterator[DatabaseWrapper]:
    """A connection of Django's, by the engine of this project."""
    settings = environ.Env.db_url_config(freezable.url)
    default = connections["default"].settings_dict
    wrapper = DatabaseWrapper(
        {**default, **settings, "ENGINE": "database", "OPTIONS": settings.get("OPTIONS", {})}, "x"
    )
    yield wrapper
    freezable.thaw()
    wrapper.close()
