"""Where the embedded PostgreSQL of a clone lives, and who runs it."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from runtime import os_accounts
from runtime.database import postgres_binaries
from runtime.files import write_private
from runtime.os_accounts import Account
from runtime.startup_errors import StartupError

SYSTEM_STATE = Path("/var/lib")
HOME_POINTER_FILE = "postgres.home"
CLONE_POINTER_FILE = "clone"
# The system's limit for a socket's path is 108 bytes on Linux and 104 elsewhere.
SOCKET_NAME = ".s.PGSQL.5432.lock"
SOCKET_PATH_LIMIT = 100


@dataclass(frozen=True, slots=True)
class PostgresHome:
    """The folders of one embedded PostgreSQL, and who runs it.

    `folder` belongs to us. `data` and `sockets` belong to whoever runs PostgreSQL and are closed to
    everybody else. `account` is that user where we are root, None where it is ourselves.
    """

    folder: Path
    sockets: Path
    executables: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The database's files."""
        return self.folder / "data"

    @property
    def settings(self) -> Path:
        """PostgreSQL's settings, which it may read but not write."""
        return self.folder / "settings"

    def make_folder(self, path: Path) -> None:
        """Create `path` for whoever runs PostgreSQL and nobody else. Its parent must be ours alone."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)
            path.chmod(0o700)


def open_postgres_home(clone: Path, state: Path, *, system_state: Path = SYSTEM_STATE) -> PostgresHome:
    """Return the home of `clone`'s database, its folders created. `state` is the clone's `.signalbook/`.

    An ordinary user's database lies in `state`. Root's cannot: PostgreSQL runs as somebody else then,
    who must not enter `state` and perhaps cannot reach the clone. It lies under `system_state`, named
    in `state`. Who owns an existing data folder runs it. Raises StartupError.
    """
    if os.geteuid() == 0:
        return root_home(_root_folder(clone, state, system_state))
    os_accounts.current_account()
    folder = state / "postgres"
    folder.mkdir(mode=0o700, exist_ok=True)
    return user_home(folder)


def user_home(folder: Path) -> PostgresHome:
    """Return the home in `folder`, which is ours and private, run by ourselves. Raises StartupError."""
    executables = postgres_binaries.wheel_executables()
    postgres_binaries.require_runnable(executables, None)
    home = PostgresHome(folder, _socket_folder(folder), executables, None)
    home.make_folder(home.sockets)
    _require_private(home.sockets, os.geteuid())
    return home


def root_home(folder: Path) -> PostgresHome:
    """Return the home in `folder`, which belongs to root, run by an unprivileged user. Raises StartupError."""
    data = folder / "data"
    account = os_accounts.account_of_uid(data.stat().st_uid) if data.is_dir() else os_accounts.unprivileged_account()
    if account.uid == 0:
        raise StartupError(f"{data} belongs to root, and PostgreSQL does not run as root. Move that folder away.")
    # Root alone writes here; the account passes through to the two folders that are its own.
    os.chown(folder, 0, account.gid)
    folder.chmod(0o710)
    executables = postgres_binaries.copy_executables(folder)
    postgres_binaries.require_runnable(executables, account)
    home = PostgresHome(folder, folder / "run", executables, account)
    home.make_folder(home.sockets)
    return home


def _root_folder(clone: Path, state: Path, system_state: Path) -> Path:
    """Return the folder under `system_state` that belongs to this clone, created and noted on both sides."""
    note = state / HOME_POINTER_FILE
    folder = Path(note.read_text().strip()) if note.is_file() else None
    if folder is None or not folder.is_dir() or _belongs_to_another(folder, clone):
        digest = hashlib.sha256(os.fsencode(clone)).hexdigest()[:10]
        folder = system_state / f"signalbook-{digest}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(
            f"The database's folder {folder} cannot be created ({error.strerror}). "
            "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        ) from error
    if folder.is_symlink() or folder.stat().st_uid != 0:
        raise StartupError(f"{folder} does not belong to root. Move it away and run again.")
    write_private(note, f"{folder}\n")
    write_private(folder / CLONE_POINTER_FILE, f"{clone}\n")
    return folder


def _belongs_to_another(folder: Path, clone: Path) -> bool:
    """Return whether `folder` still serves the clone that it names, so that ours is only a copy of that one."""
    named = folder / CLONE_POINTER_FILE
    if not named.is_file():
        return False
    other = Path(named.read_text().strip())
    theirs = other / ".signalbook" / HOME_POINTER_FILE
    return other != clone and theirs.is_file() and theirs.read_text().strip() == str(folder)


def _socket_folder(folder: Path) -> Path:
    """Return a folder for the socket whose path is short enough, whatever the length of the clone's own."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]
    candidates = [folder / "run"]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        candidates.append(Path(runtime) / f"signalbook-{digest}")
    candidates.append(Path("/tmp") / f"signalbook-{os.geteuid()}-{digest}")  # noqa: S108  its owner is checked
    for candidate in candidates:
        if len(os.fsencode(candidate / SOCKET_NAME)) < SOCKET_PATH_LIMIT and os.access(candidate.parent, os.W_OK):
            return candidate
    raise StartupError("There is no folder with a short path for PostgreSQL's socket: /tmp cannot be written.")


def _require_private(folder: Path, uid: int) -> None:
    """Raise StartupError unless `folder` is a real folder that `owner` alone may enter."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) != 0o700:
        raise StartupError(f"{folder} belongs to somebody else or is open to others. Remove it and run again.")
