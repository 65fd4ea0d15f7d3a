"""The PostgreSQL that figures rest on: how it is set, by its own words, and what it costs."""

from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from benchmarks.machine.processor_time import parent_of, seconds_of_family

DURABLE_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
OTHER_SETTINGS = ("shared_buffers", "max_wal_size", "wal_compression")
_MEMORY_FILE_SYSTEMS = ("tmpfs", "ramfs")


class NotDurable(SystemExit):
    """The database may lose what it committed, so no figure of it may be called durable."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server as it describes itself.

    `postmaster` is its first process, None where that is no process of this machine, and `file_system` what its data
    lies on, None where nobody tells us.
    """

    version: str
    place: str
    settings: dict[str, str]
    postmaster: int | None
    file_system: str | None

    @property
    def weaknesses(self) -> list[str]:
        """What keeps it from being durable, in words; empty where it is."""
        found = [f"{name} is off" for name in DURABLE_SETTINGS if self.settings[name] == "off"]
        if self.file_system in _MEMORY_FILE_SYSTEMS:
            found.append(f"its data lies in memory ({self.file_system})")
        return found

    @property
    def is_durable(self) -> bool:
        return not self.weaknesses

    def require_durable(self) -> None:
        """Raise NotDurable, which ends the program with a sentence, where it is not durable."""
        if self.weaknesses:
            raise NotDurable(
                f"This PostgreSQL is not durable: {', '.join(self.weaknesses)}. "
                "`make bench` brings one that is; --not-durable measures this one, and says so."
            )

    def processor_seconds(self) -> float | None:
        """Return the processor time of all its processes so far; None where they are not here."""
        return None if self.postmaster is None else seconds_of_family(self.postmaster)

    def __str__(self) -> str:
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        disk = f", data on {self.file_system}" if self.file_system else ""
        durable = "durable" if self.is_durable else "NOT DURABLE"
        return f"PostgreSQL {self.version}, {self.place}{disk}, {durable}: {settings}"


def measured_postgres(*, is_durable: bool) -> Postgres:
    """Return the server that Django is connected to. Raises NotDurable where it has to be durable and is not."""
    postgres = read_postgres()
    if is_durable:
        postgres.require_durable()
    return postgres


def read_postgres() -> Postgres:
    """Ask the server that Django is connected to."""
    with connection.cursor() as cursor:
        settings = {}
        for name in (*DURABLE_SETTINGS, *OTHER_SETTINGS):
            cursor.execute("SELECT current_setting(%s)", [name])
            settings[name] = cursor.fetchone()[0]
        cursor.execute("SELECT current_setting('server_version'), pg_backend_pid()")
        version, backend = cursor.fetchone()
    host = str(connection.settings_dict.get("OPTIONS", {}).get("host") or connection.settings_dict["HOST"])
    is_socket = host.startswith("/") or not host
    postmaster = _postmaster_of(backend) if is_socket or host in ("127.0.0.1", "::1", "localhost") else None
    return Postgres(
        version=version,
        place="over a socket" if is_socket else f"over TCP at {host}",
        settings=settings,
        postmaster=postmaster,
        file_system=None if postmaster is None else _file_system_of(postmaster),
    )


def wal_bytes() -> int:
    """Return how many bytes the server has written into its log (WAL) so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


def _postmaster_of(backend: int) -> int | None:
    """Return the parent of the process that serves us, where a process of that number here is a server's."""
    parent = parent_of(backend)
    if parent is None:
        return None
    try:
        name = Path(f"/proc/{backend}/comm").read_text().strip()
    except OSError:
        return None
    return parent if name.startswith("postgres") else None


def _file_system_of(postmaster: int) -> str | None:
    """Return the kind of file system that the server's data lies on; None where we may not look."""
    try:
        folder = Path(f"/proc/{postmaster}/cwd").readlink()
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return None
    found = "", ""
    for line in mounts:
        mount, _, kind = line.partition(" - ")
        at = mount.split()[4]
        if folder.is_relative_to(at) and len(at) >= len(found[0]):
            found = at, kind.split()[0]
    return found[1] or None
