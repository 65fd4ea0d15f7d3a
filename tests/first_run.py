"""`python3 -m tests.first_run`: `make run` of what is committed, as on a fresh machine, twice; a line for each step.

It needs no more than the product does: Python, make and git. Ends with 1 and one sentence where a step fails.
"""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any

from runtime.supervision import process_control
from runtime.terminal import print_error, print_status

ROOT = Path(__file__).resolve().parents[1]
INSTALL_TIMEOUT = 600.0
"""How many seconds the first start may take, installation included: what is downloaded, nobody knows."""

START_TIMEOUT = 10.0
STOP_TIMEOUT = 20.0
MAX_START_ATTEMPTS = 3

# What must not reach the product from the shell around us, so that it starts as it does for somebody new.
REMOVED_VARIABLES = (
    *("OWNER_DATABASE_URL", "DATABASE_ROLE"),
    *("DATABASE_URL", "BROKER_URL", "BROKER_FOLDER", "BROKER_QUEUE", "DJANGO_SETTINGS_MODULE", "HOST", "ALLOWED_HOSTS"),
    *("VIRTUAL_ENV", "PYTHONPATH", "SECRET_KEY", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"),
)


class StepFailed(Exception):
    """A step went wrong. The text says what was expected and what came."""


def require(condition: object, sentence: str) -> None:
    """Raise StepFailed with the sentence unless the condition holds."""
    if not condition:
        raise StepFailed(sentence)


def wait_for(condition: Callable[[], Any], what: str, *, seconds: float) -> None:
    """Return once the condition holds. Raises StepFailed past the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        require(time.monotonic() < deadline, f"Waited {seconds:g} s for {what}.")
        time.sleep(0.05)


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Installation:
    """A clone in a folder of its own, started with `make run`."""

    root: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> Path:
        return self.root / ".signalbook"

    @property
    def output(self) -> str:
        """What the last start has printed."""
        file = self.root.with_name("said")
        return file.read_text(errors="replace") if file.exists() else ""

    def make(self, target: str) -> subprocess.Popen[bytes]:
        """Start `make` as a person's shell does and return it at once."""
        environment = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
        with self.root.with_name("said").open("wb") as said:
            return subprocess.Popen(
                ["make", target, f"PYTHON={sys.executable}"],
                cwd=self.root,
                env=environment | {"PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self, *, seconds: float) -> float:
        """Start the product, wait for its address, and return how many seconds that took."""
        began = time.monotonic()
        self.process = run = self.make("run")
        wait_for(
            lambda: f"runs at {self.url}/" in self.output or run.poll() is not None, "the address", seconds=seconds
        )
        require(run.poll() is None, "`make run` ended before it printed its address.")
        return time.monotonic() - began

    def stop(self) -> None:
        """Ask `make run` to end, and see that nothing of it is left."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_TIMEOUT)
        require(self.process.poll() is not None, f"`make run` did not end within {STOP_TIMEOUT:g} s of SIGTERM.")
        require("every process has ended" in self.output, "`make run` ended without saying that its processes have.")
        wait_for(lambda: not self.running_processes(), f"processes to end: {self.running_processes()}", seconds=2.0)

    def running_processes(self) -> set[int]:
        """Return every process that works in this clone or in its database."""
        data = self.state / "postgres" / "data"
        note = self.state / "postgres.home"
        if note.is_file():
            data = Path(note.read_text().strip()) / "data"
        return {*process_control.processes_in_folder(self.root), *process_control.processes_in_folder(data)}

    def remove(self) -> None:
        """End what is left, and remove what this clone keeps outside its folder."""
        if self.process is not None and self.process.poll() is None:
            process_control.kill_group(self.process.pid)
            self.process.wait()
        self.make("clean").wait(60)


@contextmanager
def fresh_clone() -> Iterator[Installation]:
    """The files of what is committed here, in a temporary folder that goes with the block."""
    folder = Path(tempfile.mkdtemp(prefix="signalbook-first-run-"))
    installation = Installation(folder / "clone")
    try:
        installation.root.mkdir()
        # Whoever owns the checkout: it is ours, and git would refuse another user's.
        archive = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "archive", "HEAD"]
        files = subprocess.run(archive, stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(installation.root)], input=files, check=True)
        yield installation
    finally:
        installation.remove()
        shutil.rmtree(folder, ignore_errors=True)


class HttpSession:
    """A browser without a window, and a program with a token."""

    def __init__(self, installation: Installation) -> None:
        self.url = installation.url
        self.account = json.loads((installation.state / "demo.json").read_text())["accounts"]["pm"]
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def open(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[str, str]:
        """Return where a page was found and what it says. Raises StepFailed where it is not answered with 200."""
        url = path if path.startswith("http") else self.url + path
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, data, {"Referer": self.url, **headers})
        try:
            with self.browser.open(request, timeout=30) as answer:
                return answer.url, answer.read().decode()
        except OSError as error:
            raise StepFailed(f"{path} answered {error}.") from error

    def sign_in(self) -> None:
        """Sign in as people do, by the form. Raises StepFailed where that leads back to the form."""
        _, page = self.open("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        require(token, "The form to sign in has no token against forgery.")
        assert token is not None
        form = {"login": self.account["username"], "password": self.account["password"]}
        where, _ = self.open("/accounts/login/", form | {"csrfmiddlewaretoken": token[1]})
        require("/accounts/login/" not in where, "The account of the product manager could not sign in.")

    def events(self) -> list[str]:
        """Return the names of all events, by the API."""
        names: list[str] = []
        address = "/api/v1/events/?page_size=200"
        while address:
            _, text = self.open(address, Authorization=f"Bearer {self.account['token']}")
            page = json.loads(text)
            names += [event["name"] for event in page["results"]]
            address = page["next"] or ""
        return names


def start_within_limit(installation: Installation) -> float:
    """Start it again and return how many seconds that took. Raises StepFailed where no try is quick enough.

    Other work on the machine can make any one start slow, so there are three tries.
    """
    for _ in range(MAX_START_ATTEMPTS):
        seconds = installation.start(seconds=120.0)
        if seconds <= START_TIMEOUT:
            return seconds
        print_status("Slow start", f"{seconds:.1f} s; it may take {START_TIMEOUT:g}")
        installation.stop()
    raise StepFailed(f"None of {MAX_START_ATTEMPTS} starts took less than {START_TIMEOUT:g} s.")


def run_steps(installation: Installation) -> None:
    """Take every step. Raises StepFailed at the first that goes wrong."""
    print_status(
        "First start",
        f"in {installation.start(seconds=INSTALL_TIMEOUT):.0f} s, installation included: {installation.url}/",
    )
    visitor = HttpSession(installation)
    visitor.open("/readyz")
    print_status("Readiness", "database and worker answer")
    visitor.sign_in()
    _, catalog = visitor.open("/events/")
    before = visitor.events()
    require(before, "The demo company has no event.")
    require(any(name in catalog for name in before), "The catalog's page shows no event of the demo company.")
    print_status("Sign-in", f"as {visitor.account['username']}; the catalog has {len(before)} events")
    installation.stop()
    print_status("SIGTERM", "ends it; no process is left")
    print_status("Second start", f"in {start_within_limit(installation):.1f} s")
    after = HttpSession(installation).events()
    require(after == before, f"There were {len(before)} events, and there are {len(after)} after the second start.")
    print_status("Data", f"the same {len(after)} events")
    installation.stop()
    print_status("SIGTERM", "ends it again; no process is left")


def main() -> int:
    """Return the exit code for the shell."""
    with fresh_clone() as installation:
        try:
            run_steps(installation)
        except StepFailed as failure:
            print_error(f"{failure} What `make run` printed last:\n{installation.output[-3000:]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
