"""The soak, short: a real installation, of which three things are killed while it is sent all kinds of input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutants import ROOT
from benchmarks.soak.progress import Progress
from runtime.supervision.process_control import processes_in_folder
from tests.runtime.sample_clone import REMOVED_VARIABLES

KILLS = 3
pytestmark = [pytest.mark.kill, pytest.mark.xdist_group("one at a time"), pytest.mark.timeout(600)]


def test_a_short_part_loses_nothing_and_nothing_escapes(tmp_path: Path) -> None:
    ends_within = ["--minutes", "0.4", "--kills", str(KILLS), "--pause", "0", "0.2", "--slow-sockets", "60"]
    environment = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
    command = [sys.executable, "-m", "benchmarks.soak", "--folder", str(tmp_path), "--seed", "tests", *ends_within]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as soak:
        try:
            output, _ = soak.communicate(timeout=500)
        finally:
            if soak.poll() is None:
                soak.send_signal(signal.SIGTERM)
                soak.wait(60)
    (part,) = Progress.load(tmp_path / "progress.json").parts
    assert (soak.returncode, part.escapes) == (0, {}), output
    assert part.is_counted and sum(part.kills.values()) >= KILLS, output
    assert (part.lost, part.doubled, part.quarantined) == (0, 0, 0)
    assert part.acknowledged > 500 and part.slow_sockets >= 60
    assert part.inputs_in_process >= 3_000 and part.inputs_over_http > 50
    assert sum(part.restarts.values()) >= 2
    assert "| lost | 0 |" in output and "| **escapes** | **0** |" in output
    assert not (tmp_path / "installation").exists() and not (tmp_path / "escapes").exists()
    assert not list(processes_in_folder(tmp_path / "installation"))
