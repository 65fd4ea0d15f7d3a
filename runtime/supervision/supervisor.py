"""Starts the processes of one machine, starts again what ends by itself, and ends them all in order."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from runtime.files import last_lines, open_log, trim_log
from runtime.startup_errors import StartupError, StopRequested
from runtime.supervision import process_control
from runtime.supervision.child_process import ChildProcess, describe_exit
from runtime.supervision.process_registry import ProcessRegistry
from runtime.supervision.signal_waiter import SignalWaiter
from runtime.terminal import print_status

POLL_SECONDS = 0.25
LOG_TRIM_INTERVAL = 60.0


class Supervisor:
    """Watches the children in the order in which they were started."""

    def __init__(self, wakeups: SignalWaiter, record: ProcessRegistry) -> None:
        self.signal_waiter = wakeups
        self.registry = record
        self.children: list[ChildProcess] = []
        self._trimmed = time.monotonic()

    def start(self, child: ChildProcess) -> subprocess.Popen[bytes]:
        """Start a child and watch it from now on. Raises OSError where it cannot be executed."""
        process = child.start()
        self.children.append(child)
        self.registry.add(child.name, process.pid, child.stop_signal)
        return process

    def run(self, name: str, command: Sequence[str], *, env: Mapping[str, str], folder: Path, log: Path) -> None:
        """Run a command to its end, the children watched meanwhile.

        Raises StartupError with its last words where it fails, Stopped where somebody asks us to stop.
        """
        with open_log(log) as output:
            process = process_control.spawn(command, log=output, env=env, folder=folder)
        self.registry.add(name, process.pid, signal.SIGTERM)
        try:
            self.watch(until=lambda: process.poll() is not None)
        finally:
            process_control.stop_process(process, timeout=2.0)
            self.registry.remove(name)
        if process.returncode:
            words = "\n".join(f"  {line}" for line in last_lines(log, 5))
            raise StartupError(
                f"`{name}` failed {describe_exit(process.returncode)}:\n{words}\nThe whole log is {log}."
            )

    def watch(self, until: Callable[[], bool], *, seconds: float | None = None) -> bool:
        """Watch the children until `until` answers true. Return False where that takes longer than `seconds`.

        Raises StopRequested where somebody asks us to stop.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while not until():
            if self.signal_waiter.stop_count:
                raise StopRequested
            if deadline is not None and time.monotonic() > deadline:
                return False
            self._end_faulty()
            self._restart_ended()
            self._trim_logs()
            if not self.registry.is_saved:
                self.registry.save()
            self.signal_waiter.wait(POLL_SECONDS)
        return True

    def stop(self) -> None:
        """End the children, all at once but for those that the others need to the last.

        Asked a second time to stop, we wait no longer and kill.
        """
        self._end([child for child in self.children if not child.stops_last])
        self._end([child for child in self.children if child.stops_last])
        self.children = []

    def _end(self, children: list[ChildProcess]) -> None:
        running = [(child, child.process) for child in children if child.process is not None]
        for child, process in running:
            with suppress(ProcessLookupError):
                process.send_signal(child.stop_signal)
        since = time.monotonic()
        for child, process in running:
            while process.poll() is None:
                if self.signal_waiter.stop_count > 1 or time.monotonic() - since > child.stop_timeout:
                    print_status(child.name, "did not stop in time and is killed")
                    break
                self.signal_waiter.wait(POLL_SECONDS)
            process_control.kill_group(process.pid)
            process.wait()
            self.registry.remove(child.name)

    def _end_faulty(self) -> None:
        """Kill what does not work any more: it is started again as if it had ended by itself."""
        for child in self.children:
            if child.process is not None and child.process.poll() is None and (fault := child.find_fault()):
                print_status(child.name, f"{fault}, and is killed")
                process_control.kill_group(child.process.pid)
                child.process.wait()

    def _restart_ended(self) -> None:
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                how = describe_exit(child.process.returncode)
                process_control.kill_group(child.process.pid)
                pause = child.schedule_restart()
                self.registry.remove(child.name)
                words = "".join(f"\n{'':<15}{line}" for line in last_lines(child.log, 1))
                print_status(
                    child.name, f"ended {how} and is started again in {pause:g} s; its log {child.log} ends:{words}"
                )
            elif child.process is None and time.monotonic() >= child.restart_at:
                try:
                    process = child.start()
                except (StartupError, OSError) as error:
                    pause = child.schedule_restart()
                    print_status(child.name, f"cannot be started ({error}); next try in {pause:g} s")
                else:
                    self.registry.add(child.name, process.pid, child.stop_signal)
                    print_status(child.name, "started again")

    def _trim_logs(self) -> None:
        if time.monotonic() - self._trimmed > LOG_TRIM_INTERVAL:
            self._trimmed = time.monotonic()
            for child in self.children:
                trim_log(child.log)
