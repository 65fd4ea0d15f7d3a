"""One long-running process and what happens when it ends by itself."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runtime.supervision.process_memory import resident_bytes
from runtime.supervision.worker_health import WorkerHealth

MIN_RESTART_DELAY = 0.5
MAX_RESTART_DELAY = 30.0
# A process that lived this long has started well: the pause after its next end is the shortest again.
STABLE_AFTER = 60.0


@dataclass(slots=True)
class ChildProcess:
    """A process that is started again whenever it ends, after a pause that doubles each time.

    `launch` starts it and returns at once. `log` is where its output goes. `ends_by` asks it to stop,
    which may take `patience` seconds. `is_last` says that the others need it to finish what they are at. `health` says
    of what tells that it lives whether it does; without it, whoever has not ended is well. `max_memory` is how many
    bytes it may hold, 0 for any number.
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 8.0
    stops_last: bool = False
    health: WorkerHealth | None = None
    max_memory: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    restart_at: float = field(default=0.0, init=False)
    _started: float = field(default=0.0, init=False)
    _restart_delay: float = field(default=MIN_RESTART_DELAY, init=False)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process. Raises OSError where it cannot be executed."""
        self.process = self.launch()
        self._started = time.monotonic()
        return self.process

    def find_fault(self) -> str:
        """Return why the process must be replaced though it has not ended; "" where it need not be."""
        if self.process is None:
            return ""
        if self.max_memory and (held := resident_bytes(self.process.pid)) > self.max_memory:
            return f"holds {held // 2**20:,} MB of memory"
        if self.health is None:
            return ""
        return self.health.find_fault(self.process.pid, self._started)

    def schedule_restart(self) -> float:
        """Note that the process ended by itself; return the seconds after which `due` says to start it again."""
        self.process = None
        now = time.monotonic()
        if now - self._started > STABLE_AFTER:
            self._restart_delay = MIN_RESTART_DELAY
        pause, self._restart_delay = self._restart_delay, min(self._restart_delay * 2, MAX_RESTART_DELAY)
        self.restart_at = now + pause
        return pause


def describe_exit(code: int) -> str:
    """Say how a process ended, from its return code."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
