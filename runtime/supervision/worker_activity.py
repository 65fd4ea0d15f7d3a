"""What the main thread of a worker is at, judged by bounds in time, and the thread that writes it down as a pulse."""

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runtime.supervision.worker_pulse import WorkerPulse, WorkerState
from runtime.terminal import print_error

PULSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Activity:
    """The state of the main thread, for how many seconds it has been in it, and the task it is at, if any."""

    state: WorkerState
    seconds: float
    task: str = ""


@dataclass(slots=True)
class WorkerActivity:
    """The main thread tells what it does; other threads ask.

    `task_seconds` is how long one task may take, `deaf_seconds` how long a message to itself may be on its way.
    """

    task_seconds: float
    deaf_seconds: float
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _task: str = ""
    _since: float = 0.0
    _is_listening: bool = False
    _unanswered_since: float | None = None

    def __post_init__(self) -> None:
        self._since = self.clock()

    def listen(self) -> None:
        """The main thread takes messages from now on."""
        with self._lock:
            self._is_listening, self._since = True, self.clock()

    def begin(self, task: str) -> None:
        """The main thread has taken a message, and begins its task."""
        with self._lock:
            self._task, self._since, self._unanswered_since = task, self.clock(), None

    def end(self) -> None:
        """The task is done, well or not."""
        with self._lock:
            self._task, self._since, self._unanswered_since = "", self.clock(), None

    def asked(self) -> None:
        """A message to itself was handed to the broker."""
        with self._lock:
            if not self._task and self._unanswered_since is None:
                self._unanswered_since = self.clock()

    def now(self) -> Activity:
        """Return what the main thread is at."""
        with self._lock:
            seconds = self.clock() - self._since
            if not self._is_listening:
                return Activity(WorkerState.STARTING, seconds)
            if self._task:
                state = WorkerState.HUNG if seconds > self.task_seconds else WorkerState.BUSY
                return Activity(state, seconds, self._task)
            if self._unanswered_since is not None:
                unanswered = self.clock() - self._unanswered_since
                if unanswered > self.deaf_seconds:
                    return Activity(WorkerState.DEAF, unanswered)
            return Activity(WorkerState.IDLE, seconds)


def start_pulse(path: Path, activity: WorkerActivity) -> None:
    """Write the pulse of this process to `path` once a second, from a thread that nothing else can hold up.

    Raises OSError where the first one cannot be written. A later one that cannot leaves the last one to grow old.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _pulse(activity).write(path)
    repeat_in_thread("pulse", PULSE_SECONDS, lambda: _pulse(activity).write(path), expected=(OSError,))


def repeat_in_thread(
    name: str, seconds: float, work: Callable[[], object], *, expected: tuple[type[Exception], ...]
) -> threading.Thread:
    """Start a thread that does `work` every so many seconds for as long as the process lives.

    What is `expected` to fail is told once, and again after it has worked; anything else ends the process: a worker
    that cannot tell that it lives is replaced sooner if it does not.
    """

    def run() -> None:
        has_failed = False
        while True:
            try:
                work()
                has_failed = False
            except expected as error:
                if not has_failed:
                    print_error(f"The {name} of this worker fails: {type(error).__name__}")
                has_failed = True
            except BaseException:  # a worker that gives no more signs looks dead while it works: it ends instead
                sys.excepthook(*sys.exc_info())
                os._exit(70)  # EX_SOFTWARE; no cleaning up that might wait for the main thread
            time.sleep(seconds)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _pulse(activity: WorkerActivity) -> WorkerPulse:
    now = activity.now()
    return WorkerPulse(os.getpid(), time.monotonic(), now.state, now.seconds, now.task)
