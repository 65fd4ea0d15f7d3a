"""One long-running process and what happens when it ends by itself."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A process that lived this long has started well: its next end is a new story.
SETTLED = 60.0


@dataclass(slots=True)
class Child:
    """A process that is started again whenever it ends, after a pause that doubles each time.

    `launch` starts it and returns at once. `log` is where its output goes. `ends_by` asks it to stop,
    which may take `patience` seconds. `is_last` says that the others need it to finish what they are at.
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    log: Path
    ends_by: signal.Signals = signal.SIGTERM
    patience: float = 8.0
    is_last: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    due: float = field(default=0.0, init=False)
    _started: float = field(default=0.0, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process. Raises OSError where it cannot be executed."""
        self.process = self.launch()
        self._started = time.monotonic()
        return self.process

    def plan_restart(self) -> float:
        """Note that the process ended by itself; return the seconds after which `due` says to start it again."""
        self.process = None
        now = time.monotonic()
        if now - self._started > SETTLED:
            self._pause = FIRST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self.due = now + pause
        return pause


def ending(code: int) -> str:
    """Say how a process ended, from its return code."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
