"""`python -m runtime db`: a temporary database for tests, removed when the command ends."""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from runtime.database.postgres_home import root_home, user_home
from runtime.database.postgres_server import PostgresServer
from runtime.supervision.signal_waiter import SignalWaiter
from runtime.terminal import print_text

FOLDER_PREFIX = "signalbook-db-"
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108  mkdtemp makes a folder of our own
MEMORY_BYTES = 16 * 2**20
"""What must be free there: the figures of a web process take about a quarter of a megabyte, and more as they grow."""

# The socket lies below it, and its path must stay short.
MAX_BASE_LENGTH = 40


def run_with_database(command: Sequence[str], *, is_durable: bool = False) -> int:
    """Run `command` with a database and a broker's folder of its own and return its exit code.

    Its environment names them in `DATABASE_URL` and `BROKER_FOLDER`; a `DATABASE_URL` or `BROKER_URL`
    that is already set is kept. Without a command, print the database's URL and wait until we are asked to stop.
    `is_durable` lets PostgreSQL keep what it committed through a crash, as an installation's does: benchmarks need
    that, tests need the speed. Raises StartupError.
    """
    with temporary_folder() as folder:
        environment = os.environ | {"BROKER_FOLDER": str(folder / "broker")}
        if environment.get("DATABASE_URL"):
            return _run_command(command, environment)
        with temporary_database(folder, is_durable=is_durable) as url:
            return _run_command(command, environment | {"DATABASE_URL": url})


def _run_command(command: Sequence[str], environment: dict[str, str]) -> int:
    if not command:
        with SignalWaiter() as wakeups:
            print_text(environment["DATABASE_URL"])
            while not wakeups.stop_count:
                wakeups.wait(60.0)
        return 0
    process = subprocess.Popen(list(command), env=environment)

    def pass_on(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            process.send_signal(number)

    # Ctrl-C reaches the command by itself: it shares our terminal.
    old = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    old[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextmanager
def temporary_database(folder: Path, *, is_durable: bool = False) -> Iterator[str]:
    """Run an embedded PostgreSQL in `folder`, which is ours and private, and yield its URL. Raises StartupError.

    It is thrown away in the end; `is_durable` makes it work as one that is not.
    """
    home = root_home(folder) if os.geteuid() == 0 else user_home(folder)
    postgres = PostgresServer(home, folder / "postgres.log", is_temporary=True, is_durable=is_durable)
    postgres.create()
    process = postgres.start()
    try:
        yield postgres.url
    finally:
        postgres.stop(process)


@contextmanager
def temporary_folder(*, in_memory: bool = False) -> Iterator[Path]:
    """Yield a new folder of our own and remove it afterwards, and with it those of runs that were killed.

    `in_memory` is for files that processes map into their memory: on a full disk the system kills whoever writes where
    such a file has no space yet (SIGBUS). It lies on the disk where the system has no folder in memory, or little room
    in it, as in some containers: all who start there would be killed at once.
    """
    base = Path(tempfile.gettempdir())
    if in_memory and _has_room(MEMORY_FOLDER):
        base = MEMORY_FOLDER
    if len(str(base)) > MAX_BASE_LENGTH:
        base = Path("/tmp")  # noqa: S108  mkdtemp makes a folder of our own
    for old in base.glob(f"{FOLDER_PREFIX}*"):
        _remove_unused(old)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _has_room(folder: Path) -> bool:
    """Return whether we may write `MEMORY_BYTES` into a folder."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= MEMORY_BYTES


def _remove_unused(folder: Path) -> None:
    """Remove a folder of ours that no living process holds."""
    with suppress(OSError):
        found = folder.lstat()
        # A folder of the last minute may be one whose maker has yet to lock it.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or time.time() - found.st_mtime < 60:
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)
