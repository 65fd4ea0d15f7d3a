"""The embedded PostgreSQL: creates its data, starts and stops it, and cleans up after an earlier start."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from runtime import os_accounts
from runtime.database.postgres_binaries import POSTGRES_MAJOR
from runtime.database.postgres_home import PostgresHome
from runtime.files import last_lines, open_log, write_private
from runtime.os_accounts import subprocess_user
from runtime.startup_errors import StartupError
from runtime.supervision import process_control

OWNER_ROLE = DATABASE = "signalbook"
APPLICATION_ROLE = "signalbook_app"
ADMIN_ROLE = "postgres"
ROLES = (OWNER_ROLE, APPLICATION_ROLE, ADMIN_ROLE)

# Durable as PostgreSQL is by default; small, because it shares a laptop with everything else.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "work_mem": "8MB",
    "jit": "off",
    "client_connection_check_interval": "1s",  # ends a statement whose client gave it up, and frees its locks
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "lc_messages": "C",
    "default_text_search_config": "pg_catalog.english",
}
# For data that is thrown away when its process ends.
TEMPORARY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

START_TIMEOUT = 120.0
STOP_TIMEOUT = 10.0


class PostgresServer:
    """One embedded PostgreSQL under our supervision, reached through its socket alone."""

    def __init__(
        self, home: PostgresHome, log: Path, *, is_temporary: bool = False, is_durable: bool | None = None
    ) -> None:
        """`log` is the file that takes PostgreSQL's output.

        `is_temporary` lets the owner become the application, as tests do, and gives up durability for speed unless
        `is_durable` says otherwise.
        """
        self.home = home
        self.log = log
        self.is_temporary = is_temporary
        if is_durable is None:
            is_durable = not is_temporary
        self.settings = SERVER_SETTINGS | ({} if is_durable else TEMPORARY_SETTINGS)

    @property
    def url(self) -> str:
        """The database's URL for the role that owns it, for Django, psql and psycopg."""
        return self._url(OWNER_ROLE)

    @property
    def application_url(self) -> str:
        """The database's URL for the role that the application runs as, which owns nothing."""
        return self._url(APPLICATION_ROLE)

    def _url(self, role: str) -> str:
        return f"postgres://{role}@/{DATABASE}?host={quote(str(self.home.sockets), safe='')}"

    def create(self) -> bool:
        """Create the data folder with Signalbook's roles and database, or nothing. Return False where it exists.

        Raises StartupError where PostgreSQL refuses, or where the data is another version's.
        """
        if self.home.data.is_dir():
            self._require_version()
            return False
        partial_data = self.home.folder / "data.new"
        shutil.rmtree(partial_data, ignore_errors=True)
        self.home.make_folder(partial_data)
        self._run(
            "initdb", "--pgdata", str(partial_data), "--username", ADMIN_ROLE, "--encoding", "UTF8", "--locale", "C",
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--auth", "peer",
            "--no-instructions",
        )  # fmt: skip
        statements = [
            f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB",
            f"CREATE ROLE {APPLICATION_ROLE} LOGIN",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
        ]
        if self.is_temporary:  # tests create databases as the owner, and become the application
            statements.append(f"GRANT {APPLICATION_ROLE} TO {OWNER_ROLE}")
        # A server of one process, before anybody can connect: each line is a statement.
        output = self._run(
            "postgres", "--single", "-D", str(partial_data), ADMIN_ROLE,
            stdin="\n".join(statements) + "\n",
        )  # fmt: skip
        if "ERROR:" in output or "FATAL:" in output:
            raise StartupError(f"PostgreSQL could not create its database: {output.strip().splitlines()[-1]}")
        partial_data.rename(self.home.data)
        return True

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and return its process once it accepts connections.

        The server ends with us (a fast shutdown). Raises StartupError with the last lines of the server's log.
        """
        process = self.restart()
        self.wait_ready(process)
        return process

    def restart(self) -> subprocess.Popen[bytes]:
        """End what is left on the data folder, start the server's process, and return it at once."""
        self.end_leftover_server()
        return self.launch()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server's process and return it at once, before it accepts connections."""
        self._write_settings()
        with open_log(self.log) as log:
            return process_control.spawn(
                [
                    str(self.home.executables / "postgres"),
                    "-D", str(self.home.data),
                    "-c", f"config_file={self.home.settings / 'postgresql.conf'}",
                ],
                log=log,
                env=self._environment(),
                folder=self.home.data if os.access(self.home.data, os.X_OK) else None,
                account=self.home.account,
                orphan_signal=signal.SIGINT,
            )  # fmt: skip

    def wait_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the server accepts connections. Raises StartupError where it ends or takes over two minutes."""
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_ready(process.pid):
            if process.poll() is not None:
                raise StartupError(f"PostgreSQL did not start: {self._last_log_line()} The log is {self.log}.")
            if time.monotonic() > deadline:
                self.stop(process)
                raise StartupError(f"PostgreSQL was not ready after {START_TIMEOUT:.0f} s. The log is {self.log}.")
            time.sleep(process_control.POLL_INTERVAL)

    def ensure_application_role(self) -> bool:
        """Create the application's role where an earlier version made the data. Return whether it was missing.

        The server accepts connections.
        """
        with psycopg.connect(self._url(ADMIN_ROLE), autocommit=True) as connection:
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).rowcount
            if not known:
                connection.execute(f"CREATE ROLE {APPLICATION_ROLE} LOGIN")
        return not known

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop the server: sessions are ended, everything is written. Where that takes over ten seconds, at once."""
        process_control.stop_process(process, stop_signal=signal.SIGINT, timeout=STOP_TIMEOUT)
        self._end_orphans()

    def end_leftover_server(self) -> bool:
        """End what an earlier start left on the data folder. Return whether there was a running server.

        Leaves no server process and no pid file that would keep the next server from starting.
        """
        if not self.home.data.is_dir():
            return False
        leftover_pid = self._running_postmaster()
        if leftover_pid is not None:
            born = process_control.process_identity(leftover_pid)
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.kill(leftover_pid, number)
                if born is None or process_control.wait_until_gone(leftover_pid, born, STOP_TIMEOUT):
                    break
        self._end_orphans()
        # The PID in these may be that of a zombie, or of an unrelated process.
        for stale in (self.home.data / "postmaster.pid", *self.home.sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        return leftover_pid is not None

    def _end_orphans(self) -> None:
        """End server processes that outlived their postmaster: a new one cannot start while they run."""
        deadline = time.monotonic() + STOP_TIMEOUT / 2
        while left := list(process_control.processes_in_folder(self.home.data)):
            if time.monotonic() > deadline:
                for pid in left:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(process_control.POLL_INTERVAL)

    def _running_postmaster(self) -> int | None:
        """Return the process that the pid file names, if it is a server on our data folder."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        if process_control.PROC_FOLDER.joinpath("self").exists():
            return pid if pid in process_control.processes_in_folder(self.home.data) else None
        return pid if process_control.process_identity(pid) else None

    def _is_ready(self, pid: int) -> bool:
        lines = self._pid_file()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _pid_file(self) -> list[str]:
        try:
            return (self.home.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _require_version(self) -> None:
        file = self.home.data / "PG_VERSION"
        found = file.read_text().strip() if file.is_file() else "unknown"
        if found != str(POSTGRES_MAJOR):
            raise StartupError(
                f"The data in {self.home.data} is of PostgreSQL {found}, and this version of Signalbook brings "
                f"PostgreSQL {POSTGRES_MAJOR}. Run manage.py backup with the release that made it, move that folder "
                "away, and restore here (docs/operating.md); or start afresh without it."
            )

    def _write_settings(self) -> None:
        """Write what the server reads at its start. It lies outside the data folder: the server must not rewrite it."""
        folder = self.home.settings
        folder.mkdir(mode=0o750, exist_ok=True)
        us, runner = os_accounts.current_account(), self.home.account
        lines = self.settings | {
            "unix_socket_directories": str(self.home.sockets),
            "hba_file": str(folder / "pg_hba.conf"),
            "ident_file": str(folder / "pg_ident.conf"),
        }
        # The socket's folder excludes other accounts already; the server verifies the peer's account all the same.
        names = {us.name, runner.name if runner else us.name}
        files = {
            "postgresql.conf": [f"{name} = {_quote(value)}" for name, value in lines.items()],
            "pg_hba.conf": [f"local all {role} peer map=signalbook" for role in ROLES],
            "pg_ident.conf": [f'signalbook "{name}" {role}' for name in sorted(names) for role in ROLES],
        }
        for name, content in files.items():
            path = folder / name
            text = "\n".join(content) + "\n"
            # Left as it is where nothing changed: on a full disk the server shall start again, and no file be emptied.
            if not path.is_file() or path.read_text() != text:
                write_private(path, text)
            path.chmod(0o640)
            if runner:
                os.chown(path, 0, runner.gid)
        if runner:
            os.chown(folder, 0, runner.gid)

    def _run(self, program: str, *arguments: str, stdin: str = "") -> str:
        """Run one of PostgreSQL's programs to its end and return what it said. Raises StartupError where it fails."""
        account = self.home.account
        done = subprocess.run(
            [str(self.home.executables / program), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
            cwd="/",
            **subprocess_user(account),
        )
        said = done.stdout + done.stderr
        if done.returncode:
            words = said.strip().splitlines() or ["it said nothing"]
            raise StartupError(f"PostgreSQL's {program} failed: {words[-1]}")
        return said

    def _environment(self) -> dict[str, str]:
        """Return the server's environment. Ours is not passed on: it may hold PGDATA, a locale or secrets."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def _last_log_line(self) -> str:
        lines = last_lines(self.log, 1)
        return lines[0] if lines else "it said nothing."


def _quote(value: str) -> str:
    """Return `value` as PostgreSQL's settings file spells a string."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
