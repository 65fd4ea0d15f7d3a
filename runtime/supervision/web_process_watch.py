"""Ends web processes that are silent, so that the server replaces them."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from runtime.supervision.loop_pulse import last_beat
from runtime.terminal import print_error

SILENT_SECONDS = 15.0
"""How long the loop of a process may not turn: no request needs a second of it."""

LOOK_SECONDS = 1.0
LATE_SECONDS = 2.0


@dataclass(slots=True)
class WebProcessWatch:
    """A thread of the server's first process. `process_ids` returns which processes answer at present."""

    folder: Path
    process_ids: Callable[[], Sequence[int]]
    silent_seconds: float = SILENT_SECONDS
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Look every second from now on."""
        self._thread = threading.Thread(target=self._run, name="web-process-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(LATE_SECONDS)

    def _run(self) -> None:
        patient_until = 0.0
        while True:
            began = time.monotonic()
            if self._stopped.wait(LOOK_SECONDS):
                return
            now = time.monotonic()
            if now - began > LOOK_SECONDS + LATE_SECONDS:
                # We were held up ourselves, and so may they have been: by the machine, or whoever stopped us all.
                patient_until = now + self.silent_seconds
            if now >= patient_until:
                self.end_silent(now)

    def end_silent(self, now: float) -> None:
        """End each process whose loop has not turned for too long; one that has not begun is waited for."""
        for pid in self.process_ids():
            beat = last_beat(self.folder, pid)
            if beat is not None and now - beat > self.silent_seconds:
                print_error(
                    f"Web process {pid} has not answered anything for {now - beat:.0f} s and is ended; "
                    "another one takes its place."
                )
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
