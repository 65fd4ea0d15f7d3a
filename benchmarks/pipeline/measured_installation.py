"""The processes of an installation on the database of this run: a web process, workers, and the schedule."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.machine.processor_time import seconds_of_session
from benchmarks.pipeline.settings import RECORDERS_VARIABLE
from runtime.supervision.worker_pulse import FOLDER_VARIABLE, pulse_path
from tests.live_processes import LiveServer, ManagedProcess, wait_for

SETTINGS = "benchmarks.pipeline.settings"
CHECK_WORKERS = 2
READY_SECONDS = 90.0


class WorkerProcess(ManagedProcess):
    """A worker as the supervisor starts it, or the schedule (`beat`)."""

    def __init__(self, name: str, *, folder: Path, env: Mapping[str, str]) -> None:
        self.pulse = pulse_path(Path(env[FOLDER_VARIABLE]), name)
        queue = name.rpartition("-")[0]
        module = ["config.worker_process", queue, "--name", name] if queue else ["config.beat_process"]
        super().__init__(name, [sys.executable, "-m", *module], folder=folder, env=env)

    def wait_until_ready(self) -> None:
        wait_for(self._has_pulse, seconds=READY_SECONDS, what=self.log.stem)

    def _has_pulse(self) -> bool:
        self.require_running()
        return self.pulse.exists()


class MeasuredInstallation:
    """A web process and, where there are `recorders` (even none of them), what works behind it.

    Use it as a context; everything ends with it.
    """

    def __init__(self, folder: Path, *, recorders: Sequence[str] | None, env: Mapping[str, str] | None = None) -> None:
        pulses = folder / "workers"
        pulses.mkdir(exist_ok=True)
        shared = {"DJANGO_SETTINGS_MODULE": SETTINGS, FOLDER_VARIABLE: str(pulses), **(env or {})}
        shared[RECORDERS_VARIABLE] = ",".join(recorders or ())
        names = [] if recorders is None else [f"check-{number + 1}" for number in range(CHECK_WORKERS)]
        names += [] if recorders is None else ["periodic-1", "beat"]
        self.server = LiveServer(folder, env=shared)
        self.workers = {name: WorkerProcess(name, folder=folder, env=shared) for name in names}
        self._stack = ExitStack()
        self._seconds_of_killed = 0.0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.server)
            for worker in self.workers.values():
                stack.callback(worker.stop)
                worker.start()
            for worker in self.workers.values():
                worker.wait_until_ready()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def kill_worker(self, name: str) -> None:
        """End a worker with -9, whatever it does, and start another one in its place, as the supervisor would."""
        worker = self.workers[name]
        self._seconds_of_killed += seconds_of_session(worker.session)
        worker.kill()
        worker.pulse.unlink(missing_ok=True)
        worker.start()

    def require_running(self) -> None:
        """Raise RuntimeError, with its last words, where a process has ended by itself."""
        for process in (self.server, *self.workers.values()):
            process.require_running()

    def collector_seconds(self) -> float:
        """Return the processor time of the web process so far."""
        return seconds_of_session(self.server.session)

    def worker_seconds(self) -> float:
        """Return the processor time of all workers so far, those that were killed among them."""
        living = sum(seconds_of_session(worker.session) for worker in self.workers.values())
        return living + self._seconds_of_killed
