"""The fuzz in process, as the process of its own in which it runs beside everything else."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mutants import ROOT
from benchmarks.soak.escapes import Escape, EscapeLog
from benchmarks.soak.fuzz.round_report import RoundReport
from benchmarks.soak.log_tail import LogTail
from runtime.supervision.process_control import spawn, stop_process
from tests.runtime.sample_clone import REMOVED_VARIABLES

STOP_SECONDS = 90.0
"""A round, and finding the smallest input that shows what it found, may take so long."""


@dataclass(slots=True)
class CheckFuzz:
    """Runs `benchmarks.soak.fuzz` with a database of its own; `read` adds what it has reported."""

    folder: Path
    seed: str
    escapes: EscapeLog
    name: str = "check-fuzz"
    inputs: int = 0
    refused_bodies: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _output: LogTail | None = None

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, its time being up."""
        return self._process is not None and self._process.poll() is not None

    def start(self, *, seconds: float, inputs: int) -> None:
        """Start it for so many seconds and inputs at most, of which there is one round at least."""
        log = self._log
        log.unlink(missing_ok=True)
        self._output = LogTail(log)
        inherited = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
        fuzz = ["-m", "benchmarks.soak.fuzz", self.seed, "--seconds", str(seconds), "--inputs", str(inputs)]
        command = [sys.executable, "-m", "runtime", "db", "--", sys.executable, *fuzz]
        with log.open("wb") as output:
            self._process = spawn(command, log=output, env=inherited, folder=ROOT)

    def read(self) -> None:
        """Add up what it has reported since the last time."""
        for line in self._output.new_lines().splitlines() if self._output else ():
            if line.startswith("{"):
                report = RoundReport.from_line(line)
                self.inputs += report.inputs
                self.refused_bodies += report.refused_bodies
                for escape in report.escapes:
                    self.escapes.add(escape)

    def stop(self) -> None:
        """Let it finish its round, and read the last reports. That it failed itself is an escape, too."""
        if self._process is None:
            return
        stop_process(self._process, timeout=STOP_SECONDS)
        self.read()
        if self._process.returncode:
            text = self._log.read_text(errors="replace")[-1_000:]
            self.escapes.add(Escape("fuzz failed", f"it ended with {self._process.returncode}: {text}", self.seed))
