"""A backup goes from the server of this run to the embedded PostgreSQL and back.

Where the run is on a real server (`.ci/run` does so), that is from one version of PostgreSQL to another.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backup.archive.backup_reader import open_backup
from backup.archive.manifest import Manifest
from backup.tables.stored_tables import LEFT_OUT
from runtime.database.postgres_binaries import POSTGRES_MAJOR
from runtime.database.temporary_database import temporary_database, temporary_folder
from tests.backup.conftest import back_up, restore
from tests.backup.other_database import OtherDatabase, content
from tests.live_processes import ROOT, process_environment

pytestmark = pytest.mark.timeout(240)
WRITTEN_BY_RESTORE = {"accounts_historyentry"}


@pytest.fixture
def embedded_url() -> Iterator[str]:
    """The URL of a new embedded database for its owner."""
    with temporary_folder() as folder, temporary_database(folder) as url:
        yield url


def test_there_and_back(
    installation: None, empty_installation: OtherDatabase, embedded_url: str, tmp_path: Path
) -> None:
    def manage(*arguments: str) -> str:
        """Run a command on the other server, as the owner, and return what it says."""
        environment = process_environment(tmp_path, {"DATABASE_URL": embedded_url, "TEST_DATABASE_ROLE": "none"})
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    there, back = tmp_path / "there.zip", tmp_path / "back.zip"
    before = content()
    made = back_up(there)
    manage("migrate", "--verbosity", "0")
    assert "Restored: " in manage("restore", str(there))
    manage("backup", str(back))
    assert manifest_of(back).postgresql.startswith(f"{POSTGRES_MAJOR}.")
    assert {old.name for old, new in zip(made.tables, manifest_of(back).tables, strict=True) if old != new} == (
        WRITTEN_BY_RESTORE
    )
    with empty_installation.connected():
        restore(back)
        after = content()
    compared = set(before) - set(LEFT_OUT)
    assert {name for name in compared if before[name] != after[name]} == WRITTEN_BY_RESTORE
    assert after["accounts_historyentry"][0] == before["accounts_historyentry"][0] + 2


def manifest_of(file: Path) -> Manifest:
    with open_backup(file) as backup:
        return backup.manifest
