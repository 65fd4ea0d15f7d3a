"""What a worker process writes about itself every second, and whoever watches it reads: its pulse.

A thread of the worker writes it, so it comes while the main thread is busy. It says what the main thread is at, so a
worker whose main thread hangs is told from one that works. Times are those of `time.monotonic`, which all processes
of a machine share.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from runtime.files import is_disk_full, overwrite, write_private

FOLDER_VARIABLE = "WORKER_FOLDER"
"""The environment variable that names the folder of pulses, where it is not `workers/` of the state folder."""


class WorkerState(StrEnum):
    """What the main thread of a worker is at."""

    STARTING = "starting"  # it does not yet take messages
    IDLE = "idle"
    BUSY = "busy"
    DEAF = "deaf"  # idle, and messages that it sent to itself do not come
    HUNG = "hung"  # at one task for longer than any may take

    @property
    def is_lost(self) -> bool:
        """Whether only another process helps."""
        return self in (WorkerState.DEAF, WorkerState.HUNG)


@dataclass(frozen=True, slots=True)
class WorkerPulse:
    """One pulse: whose, when, and the state in which the main thread is for `seconds`, with the task it is at."""

    pid: int
    at: float
    state: WorkerState
    seconds: float
    task: str = ""

    def write(self, path: Path) -> None:
        """Replace what `path` says. Raises OSError where it cannot be written.

        On a full disk the last pulse is written over: whoever lives must not look dead, since another process in its
        place would have no more room.
        """
        text = json.dumps(asdict(self))
        try:
            write_private(path, text)
        except OSError as error:
            if not is_disk_full(error):
                raise
            overwrite(path, text)


def read_pulse(path: Path) -> WorkerPulse | None:
    """Return the pulse that `path` holds; None where there is none, or none that can be read."""
    try:
        found = json.loads(path.read_text())
        return WorkerPulse(
            int(found["pid"]),
            float(found["at"]),
            WorkerState(found["state"]),
            float(found["seconds"]),
            str(found["task"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def pulse_folder(environment: Mapping[str, str], state: Path) -> Path:
    """Return the folder in which the workers of this machine write their pulses."""
    return Path(environment.get(FOLDER_VARIABLE) or state / "workers")


def pulse_path(folder: Path, name: str) -> Path:
    """Return the file of the worker `name`, such as `check-1`."""
    return folder / f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)}.pulse"


def is_process(pid: int) -> bool:
    """Return whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
