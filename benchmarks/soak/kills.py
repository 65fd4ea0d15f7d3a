"""What is killed with -9, and how it is found."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from benchmarks.soak.installation import Installation

BUSY_SECONDS = 4.0
"""How long a worker is waited for to be at a task."""

WEB_PROCESS = "web process"
FindProcess = Callable[[Installation, Random], int | None]


@dataclass(frozen=True, slots=True)
class Kill:
    """One thing that can be killed: its name in the report, and how to find its process; None where there is none.

    `leaves_nobody` says whether nobody may answer until another is in its place.
    """

    name: str
    find: FindProcess
    leaves_nobody: bool = False

    def carry_out(self, installation: Installation, random: Random) -> int | None:
        """Kill it, and return the process that it was; None where there was none to kill."""
        pid = self.find(installation, random)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return pid
        return None


def _named(name: str) -> FindProcess:
    return lambda installation, random: installation.pids().get(name)


def _busy(worker: str) -> FindProcess:
    def find(installation: Installation, random: Random) -> int | None:
        deadline = time.monotonic() + BUSY_SECONDS
        while time.monotonic() < deadline:
            if installation.is_busy(worker):
                return installation.pids().get(worker)
            time.sleep(0.01)
        return None

    return find


def _web_process(installation: Installation, random: Random) -> int | None:
    processes = sorted(installation.web_processes())
    return random.choice(processes) if processes else None


def _database_process(*words: str) -> FindProcess:
    """Return what finds a process of the database that calls itself so."""

    def find(installation: Installation, random: Random) -> int | None:
        named = installation.database_processes()
        fitting = sorted(pid for pid, name in named.items() if any(word in name for word in words))
        return random.choice(fitting) if fitting else None

    return find


KILLS = (
    Kill(WEB_PROCESS, _web_process),
    Kill("check, busy", _busy("check-1")),
    Kill("database connection", _database_process("signalbook_app")),
    Kill("check", _named("check-1")),
    Kill("web server", _named("web"), leaves_nobody=True),
    Kill("periodic, busy", _busy("periodic-1")),
    Kill("periodic", _named("periodic-1")),
    Kill("database's own process", _database_process("checkpointer", "walwriter", "background writer")),
    Kill("jobs", _named("jobs-1")),
    Kill("beat", _named("beat")),
    Kill("database", _named("postgres")),
    Kill("supervisor", _named("supervisor"), leaves_nobody=True),
)
"""In the order of the first turn, which begins with what differs most; later turns have another order each."""
