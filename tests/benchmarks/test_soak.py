"""The soak, short: a real installation is sent all kinds of input, while things are killed and its disk is full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutants import ROOT
from benchmarks.soak.limited_disk import LimitedDisk
from benchmarks.soak.progress import Progress
from runtime.supervision.process_control import processes_in_folder
from tests.runtime.ordinary_user import IS_ROOT
from tests.runtime.sample_clone import REMOVED_VARIABLES

KILLS = 4  # after so many comes a fault
FAULTS = 1
pytestmark = [pytest.mark.kill, pytest.mark.xdist_group("one at a time"), pytest.mark.timeout(600)]


def test_a_short_part_loses_nothing_and_nothing_escapes(tmp_path: Path) -> None:
    ends_within = ["--minutes", "0.4", "--kills", str(KILLS), "--faults", str(FAULTS), "--pause", "0", "0.2"]
    environment = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
    widths = ["--slow-sockets", "60"]
    command = [sys.executable, "-m", "benchmarks.soak", "--folder", str(tmp_path), "--seed", "tests"]
    with subprocess.Popen(
        [*command, *ends_within, *widths],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as soak:
        try:
            output, _ = soak.communicate(timeout=500)
        finally:
            if soak.poll() is None:
                soak.send_signal(signal.SIGTERM)
                soak.wait(60)
    (part,) = Progress.load(tmp_path / "progress.json").parts
    assert (soak.returncode, part.escapes) == (0, {}), output
    assert part.is_counted and sum(part.kills.values()) >= KILLS and sum(part.faults.values()) >= FAULTS, output
    assert (part.lost, part.doubled, part.quarantined) == (0, 0, 0)
    assert part.acknowledged > 500 and part.slow_sockets >= 60
    assert part.inputs_in_process >= 3_000 and part.inputs_over_http > 50
    assert sum(part.restarts.values()) >= 2
    assert "| lost | 0 |" in output and "| **escapes** | **0** |" in output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["check-fuzz-0.log", "processes.json", "progress.json"]
    disk = LimitedDisk.of(tmp_path).folder
    assert not disk.exists() and not list(processes_in_folder(disk / "installation"))
    assert ("disk full" in part.faults) is IS_ROOT
