"""Folders for real databases, and a small clone to start."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.database.postgres_home import PostgresHome, root_home, user_home
from runtime.database.postgres_server import PostgresServer
from tests.runtime.ordinary_user import IS_ROOT
from tests.runtime.sample_clone import SampleClone

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
def home(shared_folder: Path) -> PostgresHome:
    """The home of a database that runs as it does for whoever runs the tests."""
    return root_home(shared_folder) if IS_ROOT else user_home(shared_folder)


@pytest.fixture(scope="module")
def created(home: PostgresHome) -> PostgresServer:
    """A database that was created once for the tests of a file."""
    database = PostgresServer(home, home.folder / "postgres.log")
    assert database.create()
    return database


@pytest.fixture
def postgres(created: PostgresServer) -> Iterator[PostgresServer]:
    """A database that is not running; nothing of it runs afterwards."""
    yield created
    created.end_leftover_server()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def clone(free_port: int) -> Iterator[SampleClone]:
    """A clone of the small house, which nobody has started yet."""
    root = Path(tempfile.mkdtemp(prefix="signalbook-clone-"))
    os.chmod(root, 0o755)
    small = SampleClone.build(root, free_port)
    yield small
    small.remove()
