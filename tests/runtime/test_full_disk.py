"""A full disk ends nothing that runs: whoever lives says so, and what could not be written is written later."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.database import temporary_database
from runtime.database.temporary_database import MEMORY_BYTES, temporary_folder
from runtime.files import MAX_LOG_BYTES, is_disk_full, open_log, overwrite, trim_log
from runtime.supervision.child_process import ChildProcess
from runtime.supervision.process_control import spawn
from runtime.supervision.process_registry import ProcessRegistry
from runtime.supervision.signal_waiter import SignalWaiter
from runtime.supervision.supervisor import Supervisor
from runtime.supervision.worker_pulse import WorkerPulse, WorkerState, read_pulse
from tests.full_disk import fill, small_disk
from tests.live_processes import free_port
from tests.runtime.sample_clone import REMOVED_VARIABLES, SampleClone

ROOT = Path(__file__).parents[2]
MEGABYTE = 2**20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for what each test begins with."""
    with small_disk(tmp_path, size=MEGABYTE) as disk:
        yield disk


def run_python(code: str, *, stderr: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    with (stderr or Path("/dev/null")).open("w") as output:
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=output if stderr else subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )


class TestPulse:
    def test_whoever_lives_says_so_on_a_full_disk(self, disk: Path) -> None:
        path = disk / "check-1.pulse"
        WorkerPulse(1, 10.0, WorkerState.IDLE, 3).write(path)
        fill(disk)
        for pulse in (
            WorkerPulse(1, 11.0, WorkerState.BUSY, 1, "traffic.check_inbox, a longer text"),
            WorkerPulse(1, 12.0, WorkerState.IDLE, 1),  # shorter again
        ):
            pulse.write(path)
            assert read_pulse(path) == pulse
        assert sorted(file.name for file in disk.iterdir()) == ["ballast", "check-1.pulse"]

    def test_without_a_first_pulse_there_is_nothing_to_write_over(self, disk: Path) -> None:
        fill(disk)
        with pytest.raises(OSError):
            WorkerPulse(1, 10.0, WorkerState.IDLE, 3).write(disk / "check-1.pulse")

    def test_a_shorter_text_leaves_nothing_of_the_longer_one(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_text('{"a": 123456}')
        overwrite(file, '{"a": 1}')
        assert json.loads(file.read_text()) == {"a": 1}

    def test_a_log_that_takes_no_complaint_does_not_end_the_thread_that_complains(self, tmp_path: Path) -> None:
        done = run_python(
            "import threading, time\n"
            "from runtime.supervision.worker_activity import repeat_in_thread\n"
            "tried, again = [], threading.Event()\n"
            "def work():\n"
            "    tried.append(1)\n"
            "    if len(tried) < 3: raise OSError(28, 'No space left on device')\n"
            "    again.set()\n"
            "repeat_in_thread('pulse', 0.01, work, expected=(OSError,))\n"
            "print(again.wait(5), flush=True)\n",
            stderr=Path("/dev/full"),
        )
        assert done.stdout == "True\n"

    def test_a_web_process_without_room_for_its_pulse_hears_of_it_and_is_not_killed(self, disk: Path) -> None:
        fill(disk)
        done = run_python(
            "import asyncio\n"
            "from runtime.supervision.loop_pulse import LoopPulse\n"
            "try:\n"
            "    LoopPulse.start(asyncio.new_event_loop())\n"
            "except OSError as error:\n"
            "    print(error.errno)\n",
            WEB_PULSE_FOLDER=str(disk),
        )
        assert (done.returncode, done.stdout) == (0, "28\n")


class TestFoldersInMemory:
    """What processes map lies where it has room: to write where there is none kills whoever does."""

    @pytest.fixture(autouse=True)
    def long_paths(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(temporary_database, "MAX_BASE_LENGTH", 1000)

    @pytest.fixture
    def memory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        with small_disk(tmp_path, size=2 * MEMORY_BYTES) as disk:
            monkeypatch.setattr(temporary_database, "MEMORY_FOLDER", disk)
            yield disk

    def test_they_lie_in_memory_where_that_has_room(self, memory: Path) -> None:
        with temporary_folder(in_memory=True) as folder:
            assert folder.parent == memory

    def test_they_lie_on_the_disk_where_memory_is_full(self, memory: Path) -> None:
        fill(memory)
        with temporary_folder(in_memory=True) as folder:
            assert folder.is_dir() and folder.parent != memory

    def test_they_lie_on_the_disk_where_there_is_little_memory(
        self, disk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(temporary_database, "MEMORY_FOLDER", disk)
        with temporary_folder(in_memory=True) as folder:
            assert folder.is_dir() and folder.parent != disk

    def test_they_lie_on_the_disk_where_there_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(temporary_database, "MEMORY_FOLDER", tmp_path / "none")
        with temporary_folder(in_memory=True) as folder:
            assert folder.is_dir()


class TestSupervisor:
    def test_what_runs_is_noted_once_there_is_room(self, disk: Path) -> None:
        registry = ProcessRegistry(disk / "processes.json")
        registry.add("first", os.getpid(), signal.SIGTERM)
        ballast = fill(disk)
        registry.add("second", os.getpid(), signal.SIGTERM)
        registry.remove("first")
        assert not registry.is_saved and list(json.loads(registry.path.read_text())) == ["first"]
        ballast.unlink()
        registry.save()
        is_saved = registry.is_saved
        assert (is_saved, list(json.loads(registry.path.read_text()))) == (True, ["second"])

    def test_a_child_that_ends_on_a_full_disk_is_started_again_and_noted_afterwards(self, disk: Path) -> None:
        log = disk / "child.log"

        def launch() -> subprocess.Popen[bytes]:
            with open_log(log) as output:
                return spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=output)

        with SignalWaiter() as wakeups:
            supervisor = Supervisor(wakeups, ProcessRegistry(disk / "processes.json"))
            first = supervisor.start(child := ChildProcess("child", launch, log))
            try:
                ballast = fill(disk)
                first.kill()
                assert supervisor.watch(lambda: child.process not in (None, first), seconds=10)
                ballast.unlink()
                assert supervisor.watch(lambda: supervisor.registry.is_saved, seconds=10)
                assert child.process is not None
                noted = json.loads((disk / "processes.json").read_text())
                assert noted["child"]["pid"] == child.process.pid
            finally:
                supervisor.stop()

    def test_a_long_log_does_not_keep_the_disk_full(self, tmp_path: Path) -> None:
        with small_disk(tmp_path, size=MAX_LOG_BYTES + 4 * MEGABYTE) as disk:
            log = disk / "web.log"
            log.write_bytes(b"x" * (MAX_LOG_BYTES + 1))
            fill(disk)
            trim_log(log)
            assert log.stat().st_size == 0 and not (disk / "web.log.1").exists()

    def test_a_start_that_finds_no_room_says_so_in_a_sentence(self, folder: Path) -> None:
        with small_disk(folder, size=8 * MEGABYTE) as disk:
            clone = SampleClone.build(disk / "clone", free_port())
            fill(disk)
            inherited = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
            done = subprocess.run(
                [sys.executable, "-m", "runtime", "up"],
                cwd=clone.root,
                env=inherited | {"PORT": str(clone.port), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        assert done.returncode == 1 and "the disk is full" in done.stderr and "Traceback" not in done.stderr


def test_other_failures_are_no_full_disk() -> None:
    assert is_disk_full(OSError(28, "No space left on device")) and is_disk_full(OSError(122, "Quota exceeded"))
    assert not is_disk_full(PermissionError(13, "no")) and not is_disk_full(ValueError()) and not is_disk_full(None)
