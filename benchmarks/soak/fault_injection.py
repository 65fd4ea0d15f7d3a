"""What fails without ending: a full disk, a database that freezes, a worker that stops, a broker without its files."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import psycopg

from benchmarks.soak.installation import Installation

WRITE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name in the report, and what brings it about. Returns the process that has to be replaced."""

    name: str
    bring_about: Callable[[Installation, Random], dict[str, int]]
    needs_disk: bool = False  # one of the installation's own


def _fill_disk(installation: Installation, random: Random) -> dict[str, int]:
    """Fill the disk, and free it some seconds after the database could write no more."""
    assert installation.disk is not None
    with installation.disk.filled() as filled:
        _write_until_refused(installation.owner_url)
        until = time.monotonic() + random.uniform(3.0, 10.0)
        while time.monotonic() < until:
            filled.fill()
            time.sleep(0.1)
    return {}


def _write_until_refused(url: str) -> None:
    """Write into the database's log what nobody reads, as any other work would, until there is no room for more.

    It has some files of its log in reserve, so that on a full disk it first goes on for minutes.
    """
    deadline = time.monotonic() + WRITE_SECONDS
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        while time.monotonic() < deadline:
            connection.execute("SELECT pg_logical_emit_message(false, 'soak', repeat('x', 2000000))")


def _freeze_database(installation: Installation, random: Random) -> dict[str, int]:
    with installation.frozen_database():
        time.sleep(random.uniform(2.0, 6.0))
    return {}


def _stop_worker(installation: Installation, random: Random) -> dict[str, int]:
    name = random.choice(("check-1", "periodic-1", "jobs-1", "beat"))
    pid = installation.pids().get(name)
    if pid is None:
        return {}
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    return {name: pid}


def _remove_broker_messages(installation: Installation, random: Random) -> dict[str, int]:
    for file in (installation.broker_folder / "queue").glob("*"):
        file.unlink(missing_ok=True)
    return {}


def _remove_broker_folder(installation: Installation, random: Random) -> dict[str, int]:
    shutil.rmtree(installation.broker_folder, ignore_errors=True)
    return {}


FAULTS = (
    Fault("disk full", _fill_disk, needs_disk=True),
    Fault("database frozen", _freeze_database),
    Fault("messages lost", _remove_broker_messages),
    Fault("worker stopped", _stop_worker),
    Fault("broker's folder removed", _remove_broker_folder),
)
