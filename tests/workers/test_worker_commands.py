"""`python -m runtime workers` and `health`: which names they take, and what the shell is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime.startup.worker_children import WORKERS
from runtime.startup.worker_commands import worker_names
from runtime.startup_errors import StartupError
from runtime.supervision.worker_pulse import WorkerPulse, WorkerState, pulse_path
from tests.live_processes import ROOT


def test_without_names_all_are_meant() -> None:
    assert worker_names([]) == list(WORKERS)
    assert worker_names(["check-1", "check-12", "check-1", "beat"]) == ["check-1", "check-12", "beat"]


@pytest.mark.parametrize("name", ["check", "check-", "checks-1", "../check-1", "check-1\n", "", "web"])
def test_what_is_no_worker_is_refused(name: str) -> None:
    with pytest.raises(StartupError, match=r"is no worker\. Name check-1"):
        worker_names([name])


def ask_health(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "runtime", "health", *names],
        cwd=ROOT,
        env=os.environ | {"WORKER_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_health_answers_the_shell(tmp_path: Path) -> None:
    pid = os.getpid()
    WorkerPulse(pid, time.monotonic(), WorkerState.IDLE, 3).write(pulse_path(tmp_path, "check-1"))
    answer = ask_health(tmp_path, "check-1")
    assert (answer.returncode, answer.stdout) == (0, f"check-1: process {pid} is idle for 3 s\n")
    WorkerPulse(pid, time.monotonic(), WorkerState.DEAF, 40).write(pulse_path(tmp_path, "jobs-1"))
    answer = ask_health(tmp_path, "check-1", "jobs-1")
    assert answer.returncode == 1
    assert f"jobs-1: process {pid} has not heard a message for 40 s" in answer.stdout
    assert "periodic-1: no pulse" in ask_health(tmp_path).stdout


def test_one_folder_has_one_supervisor(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "runtime", "workers", "beat"]
    env = os.environ | {"WORKER_FOLDER": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings.testing"}
    first = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        assert "beat are starting" in first.stdout.readline()
        second = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert "already runs" in second.stderr
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
