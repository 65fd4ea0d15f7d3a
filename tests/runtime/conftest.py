"""Folders for real databases, and a small clone to start."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.database.postgres_home import Home, home_for_root, home_for_user
from runtime.database.postgres_server import Postgres
from tests.runtime.ordinary_user import IS_ROOT
from tests.runtime.sample_clone import SmallClone

collect_ignore = [] if IS_ROOT else ["test_root.py"]


def make_folder() -> Iterator[Path]:
    """Yield a folder of our own that other users can reach too, which pytest's are not."""
    path = Path(tempfile.mkdtemp(prefix="signalbook-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


folder = pytest.fixture(make_folder)
shared_folder = pytest.fixture(scope="module")(make_folder)


@pytest.fixture(scope="module")
def home(shared_folder: Path) -> Home:
    """The home of a database that runs as it does for whoever runs the tests."""
    return home_for_root(shared_folder) if IS_ROOT else home_for_user(shared_folder)


@pytest.fixture(scope="module")
def created(home: Home) -> Postgres:
    """A database that was created once for the tests of a file."""
    database = Postgres(home, home.folder / "postgres.log")
    assert database.create()
    return database


@pytest.fixture
def postgres(created: Postgres) -> Iterator[Postgres]:
    """A database that is not running; nothing of it runs afterwards."""
    yield created
    created.take_over()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def clone(free_port: int) -> Iterator[SmallClone]:
    """A clone of the small house, which nobody has started yet."""
    root = Path(tempfile.mkdtemp(prefix="signalbook-clone-"))
    os.chmod(root, 0o755)
    small = SmallClone.build(root, free_port)
    yield small
    small.remove()
