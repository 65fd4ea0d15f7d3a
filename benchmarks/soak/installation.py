"""The installation that a soak works on: a copy of the checkout, started as `make run` does, as in production.

It is a copy so that whatever is edited meanwhile changes nothing, and has its database, broker and port to itself, and
where the machine lets it a disk.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutants import ROOT, copy_checkout
from benchmarks.soak.limited_disk import LimitedDisk, limited_disk
from runtime.database.postgres_home import HOME_POINTER_FILE
from runtime.installation_state import OWNER_URL_FILE
from runtime.startup.worker_children import WORKERS
from runtime.supervision.process_control import PROC_FOLDER, process_identity, processes_in_folder
from runtime.supervision.process_registry import ProcessRegistry
from runtime.supervision.worker_pulse import WorkerPulse, WorkerState, pulse_path, read_pulse
from tests.live_processes import free_port
from tests.runtime.sample_clone import SampleClone

START_SECONDS = 150.0
WEB_PROCESSES = 2
CHILDREN = ("postgres", "web", *WORKERS)


@dataclass(slots=True)
class Installation:
    """One installation. `secret` is its secret key, by which ids are hashed; `disk` its own, if it has one.

    With a disk of its own all that it writes lies there: code, logs, messages, temporary files and the database.
    """

    clone: SampleClone
    secret: str
    registry: ProcessRegistry
    disk: LimitedDisk | None = None
    supervisor: subprocess.Popen[str] | None = None

    @property
    def port(self) -> int:
        return self.clone.port

    @property
    def logs(self) -> Path:
        return self.clone.state / "logs"

    @property
    def broker_folder(self) -> Path:
        return self.clone.state / "broker"

    @property
    def temporary_folder(self) -> Path:
        return self.clone.root / "tmp"

    @property
    def owner_url(self) -> str:
        """The URL of its database for the role that owns the tables."""
        return (self.clone.state / OWNER_URL_FILE).read_text().strip()

    def start(self) -> None:
        """Start the supervisor and return at once."""
        url = f"http://127.0.0.1:{self.port}"
        self.supervisor = self.clone.start(
            DJANGO_SETTINGS_MODULE="config.settings.production",
            SECRET_KEY=self.secret,
            ALLOWED_HOSTS="127.0.0.1",
            SECURE_SSL_REDIRECT="off",
            SIGNALBOOK_URL=url,
            WEB_PROCESSES=str(WEB_PROCESSES),
            TMPDIR=str(self.temporary_folder),
        )
        self.registry.add("supervisor", self.supervisor.pid, signal.SIGTERM)

    def start_and_wait(self) -> None:
        """Start it, and return once everything works. Raises RuntimeError with its last words where that takes long."""
        self.start()
        deadline = time.monotonic() + START_SECONDS
        while not self.clone.is_ready():
            has_ended = self.supervisor is None or self.supervisor.poll() is not None
            if has_ended or time.monotonic() > deadline:
                raise RuntimeError(f"The installation did not start:\n{self.clone.output()[-3000:]}")
            time.sleep(0.2)

    def pids(self) -> dict[str, int]:
        """Return the supervisor and its children by name, as far as they live now."""
        found = {"supervisor": self.supervisor.pid} if self.supervisor and self.supervisor.poll() is None else {}
        with contextlib.suppress(OSError, ValueError):
            found |= self.clone.pids()
        return {name: pid for name, pid in found.items() if process_identity(pid) is not None}

    def web_processes(self) -> list[int]:
        """Return the processes that answer requests: children of the web server's first process."""
        return _children(self.pids().get("web", 0))

    def database_processes(self) -> dict[int, str]:
        """Return what the database's first process has started, with what each calls itself."""
        named = {pid: _command_line(pid) for pid in _children(self.pids().get("postgres", 0))}
        return {pid: name for pid, name in named.items() if name.startswith("postgres: ")}

    def is_busy(self, worker: str) -> bool:
        """Return whether a worker says that it is at a task."""
        pulse = self._pulse(worker)
        return pulse is not None and pulse.state is WorkerState.BUSY

    def has_all_processes(self) -> bool:
        """Return whether every process of the web server can answer, and every worker takes messages."""
        pids = self.pids()
        pulses = [(pids.get(name), self._pulse(name)) for name in WORKERS]
        has_workers = all(
            pulse is not None and pulse.pid == pid and pulse.state is not WorkerState.STARTING for pid, pulse in pulses
        )
        web = self.web_processes()
        # One that still loads the application has a single thread.
        return has_workers and len(web) == WEB_PROCESSES and all(_thread_count(pid) > 1 for pid in web)

    def _pulse(self, worker: str) -> WorkerPulse | None:
        return read_pulse(pulse_path(self.clone.state / "workers", worker))

    def keep_logs(self, target: Path) -> None:
        """Copy what its processes have written to the folder `target`."""
        shutil.copytree(self.logs, target, dirs_exist_ok=True)
        shutil.copy2(self.clone.root / "said", target / "supervisor.log")

    @contextlib.contextmanager
    def frozen_database(self) -> Iterator[None]:
        """Stop every process of the database for the block: connections stay open, and nobody answers."""
        note = (self.clone.state / HOME_POINTER_FILE).read_text().strip() if os.geteuid() == 0 else ""
        data = Path(note or self.clone.state / "postgres") / "data"
        stopped = list(processes_in_folder(data))
        _signal_all(stopped, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal_all(stopped, signal.SIGCONT)


@contextlib.contextmanager
def running_installation(folder: Path, *, secret: str) -> Iterator[Installation]:
    """Run an installation in `folder` for the block, and remove it afterwards, as what a killed soak left there."""
    registry = ProcessRegistry(folder / "processes.json")
    registry.end_leftovers()
    SampleClone(folder / "installation", 0).remove()
    with limited_disk(folder) as disk:
        root = (disk.folder if disk else folder) / "installation"
        copy_checkout(ROOT, root)
        installation = Installation(SampleClone(root, free_port()), secret, registry, disk)
        installation.temporary_folder.mkdir()
        if disk is not None:
            _put_database_on(disk, installation.clone.state)
        try:
            installation.start_and_wait()
            yield installation
        finally:
            installation.clone.remove()
            registry.end_leftovers()


def _put_database_on(disk: LimitedDisk, state: Path) -> None:
    """Let root's database lie on the disk, and not where it lies by default."""
    state.mkdir(mode=0o700)
    database = disk.folder / "postgres"
    database.mkdir(mode=0o700)
    (state / HOME_POINTER_FILE).write_text(f"{database}\n")


def _signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _children(parent: int) -> list[int]:
    """Return the children of a process (Linux)."""
    found = []
    for entry in PROC_FOLDER.glob("[0-9]*/stat") if parent else ():
        with contextlib.suppress(OSError):
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def _thread_count(pid: int) -> int:
    with contextlib.suppress(OSError):
        return len(list((PROC_FOLDER / str(pid) / "task").iterdir()))
    return 0


def _command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (PROC_FOLDER / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""
