"""The processes that work behind the web server, as the supervisor starts and watches them."""

import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from runtime.clone import Clone
from runtime.files import open_log
from runtime.supervision import process_control
from runtime.supervision.child_process import ChildProcess
from runtime.supervision.process_memory import KILLED_PAST, worker_memory_limit
from runtime.supervision.worker_health import WorkerHealth, silent_seconds
from runtime.supervision.worker_pulse import pulse_folder, pulse_path

BEAT = "beat"
WORKERS = ("check-1", "periodic-1", "jobs-1", BEAT)
"""What one machine runs: a process for each queue, named after it with a number, and the one that sends what is due."""


def worker_child(name: str, clone: Clone, environment: Mapping[str, str], log: Path) -> ChildProcess:
    """Return the process `name`, not yet started: `beat`, or a queue with a number (`check-2`)."""
    return ChildProcess(
        name,
        partial(_launch, name, clone, environment, log),
        log,
        health=WorkerHealth(
            pulse_path(pulse_folder(environment, clone.state), name), silent_seconds=silent_seconds(environment)
        ),
        max_memory=int(worker_memory_limit(environment) * KILLED_PAST),
    )


def _launch(name: str, clone: Clone, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    queue = name.rpartition("-")[0]
    module = ["config.beat_process"] if name == BEAT else ["config.worker_process", queue, "--name", name]
    with open_log(log) as output:
        return process_control.spawn([sys.executable, "-m", *module], log=output, env=environment, folder=clone.root)
