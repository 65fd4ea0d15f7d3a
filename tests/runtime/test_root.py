"""What differs where root starts Signalbook: PostgreSQL runs as somebody else. Collected for root alone."""

import os
import pwd
import shutil
import socket
import stat
from pathlib import Path

import pytest

from runtime import os_accounts
from runtime.clone import Clone
from runtime.database.postgres_home import PostgresHome, open_postgres_home
from runtime.database.postgres_server import PostgresServer
from runtime.startup_errors import StartupError

# A user of every Unix machine that neither owns our files nor runs PostgreSQL for root.
STRANGER = "daemon"


def test_root_has_its_database_under_the_systems_state(folder: Path) -> None:
    clone = folder / "clone"
    home = _open(clone, folder)
    assert home.folder.parent == folder / "system"
    assert (clone / ".signalbook" / "postgres.home").read_text().strip() == str(home.folder)
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o710
    assert home.account == os_accounts.unprivileged_account()
    assert home.sockets.stat().st_uid == home.account.uid
    assert _open(clone, folder) == home

    # A moved clone keeps its database; a copied one gets its own.
    clone.rename(folder / "moved")
    assert _open(folder / "moved", folder).folder == home.folder
    shutil.copytree(folder / "moved", folder / "copied")
    assert _open(folder / "copied", folder).folder != home.folder


def test_who_owns_the_data_runs_it(folder: Path) -> None:
    data = _open(folder / "clone", folder).data
    data.mkdir()
    stranger = pwd.getpwnam(STRANGER)
    os.chown(data, stranger.pw_uid, stranger.pw_gid)
    account = _open(folder / "clone", folder).account
    assert account is not None and account.name == STRANGER
    os.chown(data, 0, 0)
    with pytest.raises(StartupError, match="does not run as root"):
        _open(folder / "clone", folder)


def test_nobody_else_reaches_the_socket(postgres: PostgresServer) -> None:
    process = postgres.start()
    uid = pwd.getpwnam(STRANGER).pw_uid
    assert _connects_as(uid, postgres.home.sockets / ".s.PGSQL.5432") == "PermissionError"
    postgres.stop(process)


def test_a_state_folder_of_somebody_else_is_one_sentence(folder: Path) -> None:
    clone = Clone(folder)
    clone.state.mkdir()
    os.chown(clone.state, pwd.getpwnam(STRANGER).pw_uid, -1)
    with pytest.raises(StartupError, match=f"belongs to {STRANGER}, and you are root"):
        clone.create_state_folder()


def _open(clone: Path, folder: Path) -> PostgresHome:
    state = clone / ".signalbook"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open_postgres_home(clone, state, system_state=folder / "system")


def _connects_as(uid: int, path: Path) -> str:
    """Return how a connection to the socket at `path` by the user `uid` ends."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setuid(uid)
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
            word = "connected"
        except OSError as error:
            word = type(error).__name__
        os.write(writer, word.encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        return answer.read()
