"""`python -m runtime workers` and `python -m runtime health`: workers where no `make run` supervises them."""

import os
import re
from collections.abc import Sequence

from runtime.clone import Clone
from runtime.startup.worker_children import BEAT, WORKERS, worker_child
from runtime.startup_errors import StartupError, StopRequested
from runtime.supervision.instance_lock import instance_lock
from runtime.supervision.process_registry import ProcessRegistry
from runtime.supervision.signal_waiter import SignalWaiter
from runtime.supervision.supervisor import Supervisor
from runtime.supervision.worker_health import describe_health, silent_seconds
from runtime.supervision.worker_pulse import pulse_folder, pulse_path
from runtime.terminal import print_status, print_text

_NAME = re.compile(r"(?:check|periodic|jobs)-[0-9]{1,3}\Z")


def worker_names(asked: Sequence[str]) -> list[str]:
    """Return the names that are asked for, all of them where it is none. Raises StartupError for what is none."""
    for name in asked:
        if name != BEAT and not _NAME.match(name):
            raise StartupError(f"{name!r} is no worker. Name {', '.join(WORKERS)}, or one more of a queue: check-2.")
    return list(dict.fromkeys(asked)) or list(WORKERS)


def run_workers(clone: Clone, names: Sequence[str]) -> int:
    """Run these processes until somebody asks us to stop, and return 0. Raises StartupError where they run already."""
    folder = pulse_folder(os.environ, clone.state)
    if clone.state in folder.parents:
        clone.create_state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with instance_lock(folder / "lock", f"workers in {folder}"), SignalWaiter() as wakeups:
        registry = ProcessRegistry(folder / "processes.json")
        registry.end_leftovers()
        supervisor = Supervisor(wakeups, registry)
        try:
            for name in names:
                supervisor.start(worker_child(name, clone, environment, folder / f"{name}.log"))
            print_status("Workers", f"{', '.join(names)} are starting; their logs: {folder}")
            supervisor.watch(until=lambda: False)
        except StopRequested:
            print_text("")
        finally:
            supervisor.stop()
            print_status("Stopped", "every process has ended")
    return 0


def print_health(clone: Clone, names: Sequence[str]) -> int:
    """Print a line for each of these processes of this machine; return 0 where all are well, else 1."""
    folder = pulse_folder(os.environ, clone.state)
    found = [describe_health(pulse_path(folder, name), silent_seconds(os.environ)) for name in names]
    print_text("\n".join(words for _, words in found))
    return 0 if all(is_well for is_well, _ in found) else 1
