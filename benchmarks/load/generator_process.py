"""The generator in a process of its own, so that what it costs is counted apart from what it measures."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.load.plan import Plan, Sent

ROOT = Path(__file__).resolve().parents[2]


class RunningGenerator:
    """A generator at work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def result(self) -> Sent:
        """Wait until it has sent everything. Raises RuntimeError where it failed, or a server refused something."""
        output, errors = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"the load generator failed:\n{errors[-2000:]}")
        sent = msgspec.json.decode(output, type=Sent)
        if sent.refused:
            raise RuntimeError(f"the server refused a request: {sent.refused}")
        return sent


@contextmanager
def running_generator(plan: Plan) -> Iterator[RunningGenerator]:
    """Start a generator, and end it with the block."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_bytes(msgspec.json.encode(plan))
        command = [sys.executable, "-m", "benchmarks.load.generator", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield RunningGenerator(process)
            finally:
                if process.poll() is None:
                    process.kill()


def send(plan: Plan) -> Sent:
    """Send a plan and return what came back. Raises as `RunningGenerator.result`."""
    with running_generator(plan) as generator:
        return generator.result()
