"""Web processes whose event loop does not turn are ended; others are not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.supervision.loop_pulse import FOLDER_VARIABLE, LoopPulse, last_beat, pulse_path
from runtime.supervision.web_process_watch import SILENT_SECONDS, WebProcessWatch

BEATS = f"""
import asyncio
from runtime.supervision.loop_pulse import LoopPulse
async def main():
    LoopPulse.start(asyncio.get_running_loop())
    print("begun", flush=True)
    await asyncio.sleep({SILENT_SECONDS})
asyncio.run(main())
"""


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A process whose loop turns."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", BEATS], stdout=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        assert begun.stdout.readline() == "begun\n"
        yield begun
        begun.kill()


def test_one_that_is_silent_is_ended(
    tmp_path: Path, process: subprocess.Popen[str], capfd: pytest.CaptureFixture[str]
) -> None:
    watch = WebProcessWatch(tmp_path, lambda: [process.pid])
    beat = last_beat(tmp_path, process.pid)
    assert beat is not None
    watch.end_silent(beat + SILENT_SECONDS - 0.1)
    assert process.poll() is None
    watch.end_silent(beat + SILENT_SECONDS + 2.0)
    assert process.wait(10) == -9
    assert f"Web process {process.pid} has not answered anything for" in capfd.readouterr().err
    watch.end_silent(beat + SILENT_SECONDS + 2.0)  # it is gone


def test_one_that_has_not_begun_is_waited_for(tmp_path: Path, process: subprocess.Popen[str]) -> None:
    pulse_path(tmp_path, process.pid).unlink()
    WebProcessWatch(tmp_path, lambda: [process.pid]).end_silent(time.monotonic() + 3_600)
    assert process.poll() is None


def test_a_loop_that_turns_beats(tmp_path: Path, process: subprocess.Popen[str]) -> None:
    first = last_beat(tmp_path, process.pid)
    deadline = time.monotonic() + 10
    while last_beat(tmp_path, process.pid) == first and time.monotonic() < deadline:
        time.sleep(0.05)
    assert last_beat(tmp_path, process.pid) != first


def test_nothing_beats_where_nobody_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    loop = asyncio.new_event_loop()
    LoopPulse.start(loop)
    loop.close()
    assert not list(tmp_path.iterdir())
