"""What fails without ending: a database that freezes, a worker that stops, a broker whose files are gone."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from benchmarks.soak.installation import Installation


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name in the report, and what brings it about. Returns the process that has to be replaced."""

    name: str
    bring_about: Callable[[Installation, Random], dict[str, int]]


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
    Fault("database frozen", _freeze_database),
    Fault("messages lost", _remove_broker_messages),
    Fault("worker stopped", _stop_worker),
    Fault("broker's folder removed", _remove_broker_folder),
)
