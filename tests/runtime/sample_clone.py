"""A clone of the small house, started as people start Signalbook."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from runtime.startup.readiness import probe
from runtime.supervision import process_control
from tests.runtime.polling import wait_for

SAMPLE_PROJECT = Path(__file__).parent / "house"
RUNTIME = Path(__file__).parents[2] / "runtime"
REMOVED_VARIABLES = (
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "DATABASE_ROLE",
    "BROKER_URL",
    "BROKER_FOLDER",
    "DJANGO_SETTINGS_MODULE",
    "HOST",
    "PORT",
    "ALLOWED_HOSTS",
)


@dataclass
class SampleClone:
    """One clone: its folder, its port, and the supervisors that were started in it."""

    root: Path
    port: int
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @classmethod
    def build(cls, root: Path, port: int) -> "SampleClone":
        """Fill the empty folder `root` with the small house and our runtime."""
        shutil.copytree(SAMPLE_PROJECT, root, dirs_exist_ok=True)
        shutil.copytree(RUNTIME, root / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
        return cls(root, port)

    @property
    def state(self) -> Path:
        """Its `.signalbook/`."""
        return self.root / ".signalbook"

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Start a supervisor, or another command, and return it at once. What it prints goes to `said`."""
        inherited = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
        with (self.root / "said").open("a") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "runtime", *(command or ("up",))],
                cwd=self.root,
                env=inherited | {"PORT": str(self.port)} | environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def start_and_wait(self, **environment: str) -> subprocess.Popen[str]:
        """Start a supervisor and return it once it has printed its address."""
        (self.root / "said").unlink(missing_ok=True)
        process = self.start(**environment)
        wait_for(lambda: "runs at" in self.output() or process.poll() is not None, "the address", seconds=60)
        assert process.poll() is None, self.output()
        return process

    def start_expecting_error(self, **environment: str) -> str:
        """Start a supervisor that must not run, and return what it said."""
        (self.root / "said").unlink(missing_ok=True)
        assert self.start(**environment).wait(30) == 1, self.output()
        return self.output()

    def output(self) -> str:
        """Return what the supervisors have printed."""
        file = self.root / "said"
        return file.read_text() if file.is_file() else ""

    def pids(self) -> dict[str, int]:
        """Return the processes that the supervisor says it runs, by name."""
        return {name: entry["pid"] for name, entry in json.loads((self.state / "processes.json").read_text()).items()}

    def running_processes(self) -> set[int]:
        """Return every process that works in this clone or in its database."""
        data = self.root / ".signalbook" / "postgres" / "data"
        note = self.state / "postgres.home"
        if note.is_file():
            data = Path(note.read_text().strip()) / "data"
        return {*process_control.processes_in_folder(self.root), *process_control.processes_in_folder(data)}

    def demo_load_count(self) -> int:
        """Ask the web server how often the demo was loaded."""
        answer = probe("127.0.0.1", self.port, name="127.0.0.1")
        assert answer.status == 200, answer
        return int(json.loads(answer.text)["loads"])

    def is_ready(self) -> bool:
        """Ask the web server whether database and worker answer."""
        return probe("127.0.0.1", self.port, name="127.0.0.1").status == 200

    def remove(self) -> None:
        """End everything and remove every file, those outside the clone included."""
        for process in self.started:
            process.kill()
            process.wait()
        if (self.state / "processes.json").is_file():
            for pid in self.pids().values():
                process_control.kill_group(pid)
        if self.state.is_dir() and self.state.stat().st_uid == os.geteuid():
            self.start("forget").wait(30)
        shutil.rmtree(self.root, ignore_errors=True)
