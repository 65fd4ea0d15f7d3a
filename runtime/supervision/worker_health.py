"""Judges a worker by its pulse: whether it works, and if not, why another process has to take its place."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.supervision.worker_pulse import WorkerState, is_process, read_pulse

SILENT_VARIABLE = "WORKER_SILENT_SECONDS"
SILENT_SECONDS = 15.0
"""Without a pulse for so long, a process is stopped or stuck: even while it is busy a thread of it writes one."""

START_SECONDS = 120.0
"""Until the first pulse: the time in which Python loads the application, on a machine that has much to do."""

MAX_PAUSE = 5.0
"""Who has not looked for so long was held up itself, and so perhaps the whole machine."""


def silent_seconds(environment: Mapping[str, str]) -> float:
    """Return how long a worker may be silent, in seconds. A text that is no whole number above 0 counts as none."""
    text = environment.get(SILENT_VARIABLE, "")
    return float(text) if text.isdecimal() and int(text) else SILENT_SECONDS


@dataclass(slots=True)
class WorkerHealth:
    """Watches the pulse of one worker at `path`. Ask often: where nobody asked, nobody knows who was held up."""

    path: Path
    silent_seconds: float = SILENT_SECONDS
    _asked_at: float = field(default=0.0, init=False)
    _silence_counts_from: float = field(default=0.0, init=False)

    def find_fault(self, pid: int, started_at: float) -> str:
        """Return why the process `pid`, started at `started_at`, must be replaced; "" where it need not be."""
        now = time.monotonic()
        if now - self._asked_at > MAX_PAUSE:
            self._silence_counts_from = now
        self._asked_at = now
        pulse = read_pulse(self.path)
        if pulse is None or pulse.pid != pid:
            waited = now - max(started_at, self._silence_counts_from)
            return f"has not begun in {waited:.0f} s" if waited > START_SECONDS else ""
        silence = now - max(pulse.at, self._silence_counts_from)
        if silence > self.silent_seconds:
            return f"has been silent for {silence:.0f} s"
        return describe_loss(pulse.state, pulse.seconds, pulse.task)


def describe_loss(state: WorkerState, seconds: float, task: str) -> str:
    """Return what is wrong with a worker in this state for `seconds`; "" where nothing is."""
    if state is WorkerState.DEAF:
        return f"has not heard a message for {seconds:.0f} s"
    if state is WorkerState.HUNG:
        return f"has been at {task} for {seconds:.0f} s"
    return ""


def describe_health(path: Path, silent_seconds: float = SILENT_SECONDS) -> tuple[bool, str]:
    """Return whether the worker whose pulse lies at `path` is well now, and one sentence about it."""
    pulse = read_pulse(path)
    name = path.stem
    if pulse is None:
        return False, f"{name}: no pulse at {path}; it was never started here, or not for long enough"
    silence = time.monotonic() - pulse.at
    if not is_process(pulse.pid):
        return False, f"{name}: its process {pulse.pid} has ended"
    # A pulse from the future is one from before the machine was started.
    if not 0 <= silence <= silent_seconds:
        return False, f"{name}: process {pulse.pid} has been silent for {silence:.0f} s"
    if loss := describe_loss(pulse.state, pulse.seconds, pulse.task):
        return False, f"{name}: process {pulse.pid} {loss}"
    task = f" at {pulse.task}" if pulse.task else ""
    return True, f"{name}: process {pulse.pid} is {pulse.state}{task} for {pulse.seconds:.0f} s"
