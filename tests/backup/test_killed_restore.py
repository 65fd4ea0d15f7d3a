"""A restore that is killed half way leaves nothing, and the next one succeeds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.backup.conftest import back_up
from tests.backup.other_database import OtherDatabase, content
from tests.factories.accounts import UserFactory
from tests.live_processes import ManagedProcess, wait_for

pytestmark = pytest.mark.kill
ENTRIES = 30_000

# How many rows its COPY has written, where one is under way, and has written some.
COPIED = "SELECT tuples_processed FROM pg_stat_progress_copy WHERE datname = %s AND tuples_processed > 0"


def test_nothing_stays_of_it(empty_installation: OtherDatabase, tmp_path: Path) -> None:
    person = UserFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_historyentry"
            " (at, actor_id, subject_type, subject_id, action, from_state, to_state, message, evidence)"
            " SELECT now(), %s, 'source', n, 'changed', '', '', repeat('x', 200), '{}' FROM generate_series(1, %s) n",
            [person.pk, ENTRIES],
        )
    file = tmp_path / "backup.zip"
    back_up(file)
    with empty_installation.connected():
        before = content()

    first = restoring_process(empty_installation, file, tmp_path)
    with psycopg.connect(empty_installation.owner_url, autocommit=True) as watcher:
        first.start()
        wait_for(lambda: copied_rows(watcher, empty_installation) or not first.is_running, what="rows to be written")
        assert first.is_running, first.output()
        first.kill()
        wait_for(lambda: copied_rows(watcher, empty_installation) is None, what="the server to notice")
    with empty_installation.connected():
        assert content() == before

    second = restoring_process(empty_installation, file, tmp_path)
    second.start()
    wait_for(lambda: not second.is_running, seconds=60, what="the second restore")
    assert "Restored: " in second.output()
    with empty_installation.connected():
        assert content()["accounts_historyentry"][0] == ENTRIES + 1


def copied_rows(watcher: psycopg.Connection[Any], other: OtherDatabase) -> tuple[int] | None:
    return watcher.execute(COPIED, [other.name]).fetchone()


def restoring_process(into: OtherDatabase, file: Path, folder: Path) -> ManagedProcess:
    """Return `manage.py restore` of the owner, not started yet."""
    command = [sys.executable, "manage.py", "restore", str(file)]
    return ManagedProcess("restore", command, folder=folder, env=into.owner_environment())
