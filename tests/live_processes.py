"""Real processes for tests: a server, a worker and a beat that work on the database of the test run."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
DEADLINE = 30.0


def wait_for(condition: Callable[[], Any], *, seconds: float = DEADLINE, what: str = "it") -> Any:
    """Return what the condition answers as soon as that is true. Raises TimeoutError past the deadline."""
    until = time.monotonic() + seconds
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > until:
            raise TimeoutError(f"Waited {seconds:g} s for {what}.")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def database_url(role: str = "") -> str:
    """Return the URL of the database that this test run writes to, be it at a port or in a socket's folder.

    It is that of the owner, or of another role without a password.
    """
    named = connection.settings_dict
    user = quote(role or named["USER"] or "", safe="")
    password = f":{quote(named['PASSWORD'], safe='')}" if named["PASSWORD"] and not role else ""
    port = f":{named['PORT']}" if named["PORT"] else ""
    at = f"{user}{password}@" if user else ""
    folder = named.get("OPTIONS", {}).get("host", "")
    where = f"?host={quote(folder, safe='')}" if folder else ""
    return f"postgres://{at}{named['HOST'] or ''}{port}/{quote(named['NAME'], safe='')}{where}"


def application_database() -> dict[str, str]:
    """Return how a process reaches the database as the application.

    By that role's own name where it can sign in without a password, else as the run's role, which becomes it.
    """
    role = settings.APPLICATION_DATABASE_ROLE
    try:
        psycopg.connect(database_url(role)).close()
    except psycopg.OperationalError:
        return {"DATABASE_URL": database_url(), "TEST_DATABASE_ROLE": role}
    return {"DATABASE_URL": database_url(role)}


def process_environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process that shares this run's database, and its broker in `folder`.

    A broker that the run was given as BROKER_URL stays; there a queue is named after the folder.
    """
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.testing",
        **application_database(),
        "BROKER_FOLDER": str(folder),
        "BROKER_QUEUE": f"tests-{folder.name}",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


_started: dict[str, ManagedProcess] = {}


def wait_for_ended_processes() -> None:
    """Return once the database has ended the sessions of all processes that have ended.

    It still does what a process asked for that was killed since. Raises TimeoutError where that takes half a minute.
    """
    ended = [name for name, process in _started.items() if not process.is_running]
    if not ended:
        return
    with psycopg.connect(database_url(), autocommit=True) as session:
        sessions = "SELECT application_name FROM pg_stat_activity WHERE application_name = ANY(%s)"
        wait_for(lambda: not session.execute(sessions, [ended]).fetchall(), what="the sessions of ended processes")
    for name in ended:
        del _started[name]


class ManagedProcess:
    """A process of ours, ended with its block. What it writes lies in `log`."""

    def __init__(self, name: str, command: list[str], *, folder: Path, env: Mapping[str, str]) -> None:
        self.log = folder / f"{name}.log"
        self._command = command
        self._folder = folder
        self._env = {"PGAPPNAME": f"{name}-{uuid4().hex[:8]}"} | process_environment(folder, env)
        self._process: subprocess.Popen[bytes] | None = None
        self._begin = 0

    def start(self) -> None:
        """Start it and return at once."""
        self._begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        _started[self._env["PGAPPNAME"]] = self

    def wait_until_ready(self) -> None:
        """Return once it works. Raises TimeoutError, and RuntimeError with its last words where it ended."""

    @property
    def session(self) -> int:
        """The session that it and all it starts belong to; 0 before it was started."""
        return self._process.pid if self._process is not None else 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it with -9, and whatever it has started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and end it where it does not within ten seconds."""
        if self._process is None or not self.is_running:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self.kill()

    def output(self) -> str:
        """What it has written since it was started last."""
        return self.log.read_bytes()[self._begin :].decode(errors="replace") if self.log.exists() else ""

    def require_running(self) -> None:
        """Raise RuntimeError, with its last words, where it has ended."""
        if not self.is_running:
            raise RuntimeError(f"{self.log.stem} ended:\n{self.output()[-3000:]}")

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class LiveServer(ManagedProcess):
    """The web server at a port of its own, as an installation runs it. `url` has no trailing slash."""

    def __init__(self, folder: Path, *, port: int | None = None, env: Mapping[str, str] | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        address = {"SIGNALBOOK_URL": self.url, "HOST": "127.0.0.1", "PORT": str(self.port), "WEB_PROCESSES": "1"}
        command = [sys.executable, "-m", "runtime", "web"]
        super().__init__("server", command, folder=folder, env=address | dict(env or {}))

    def wait_until_ready(self) -> None:
        wait_for(self.answers, what="the server")

    def answers(self) -> bool:
        """Tell whether any of its processes answers by now."""
        self.require_running()
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asking.request("GET", "/healthz")
            return asking.getresponse().status == 200
        except OSError:
            return False
        finally:
            asking.close()


class Worker(ManagedProcess):
    """A Celery worker in one process of its own; `has_beat` lets it send the schedule's messages too."""

    def __init__(self, folder: Path, *, has_beat: bool = True, env: Mapping[str, str] | None = None) -> None:
        self.schedule = folder / "beat"
        command = [
            *(sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--concurrency", "1"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            *(("--beat", "--schedule", str(self.schedule)) if has_beat else ()),
        ]
        super().__init__("worker", command, folder=folder, env=env or {})

    def wait_until_ready(self) -> None:
        wait_for(self._is_ready, what="the worker")

    def _is_ready(self) -> bool:
        self.require_running()
        return " ready." in self.output()


@contextlib.contextmanager
def running_installation(folder: Path, *, env: Mapping[str, str] | None = None) -> Iterator[LiveServer]:
    """A server and a worker with its beat, for as long as the block lasts."""
    with LiveServer(folder, env=env) as server, Worker(folder, env=env):
        yield server
