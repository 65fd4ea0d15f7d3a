"""A server of its own for the tests of the front, with more than one process as an installation runs it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from catalog.models import WriteKey
from catalog.services.write_keys import write_key_cache
from tests.emptied_tables import empty_tables
from tests.factories.catalog import SourceFactory, create_write_key
from tests.live_processes import LiveServer


@pytest.fixture(autouse=True)
def forget_attempts(db: None) -> None:
    """Nobody has tried to sign in before: attempts are counted in the cache, which tests share."""
    cache.clear()


@pytest.fixture
def key(transactional_db: None) -> WriteKey:
    """A write key of production."""
    write_key_cache.entries.clear()
    return create_write_key(SourceFactory.create(slug="web-shop"), "production")


@pytest.fixture(scope="package")
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server whose late bodies end after two seconds without a byte, and after four in all."""
    bounds = {"WEB_PROCESSES": "2", "BODY_IDLE_SECONDS": "2", "COLLECT_BODY_SECONDS": "4", "HEADER_SECONDS": "5"}
    with LiveServer(tmp_path_factory.mktemp("front"), env=bounds) as live:
        yield live
    with django_db_blocker.unblock():
        empty_tables()  # such as what it had refused, which it notes at its end
        connection.close()


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process hold thousands of sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
