"""`python -m runtime up`: starts all of Signalbook on this machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from runtime.clone import Clone
from runtime.database.postgres_home import open_postgres_home
from runtime.database.postgres_server import PostgresServer
from runtime.files import open_log, write_private
from runtime.installation_state import DATABASE_URL_FILE, OWNER_URL_FILE, ensure_installation_secret
from runtime.startup.greeting import print_greeting
from runtime.startup.options import Options, options_from, require_free_port
from runtime.startup.readiness import ReadinessResponse, probe
from runtime.startup.worker_children import WORKERS, worker_child
from runtime.startup_errors import StartupError, StopRequested
from runtime.supervision import process_control
from runtime.supervision.child_process import ChildProcess
from runtime.supervision.instance_lock import instance_lock
from runtime.supervision.process_registry import ProcessRegistry
from runtime.supervision.signal_waiter import SignalWaiter
from runtime.supervision.supervisor import Supervisor
from runtime.terminal import print_error, print_status, print_text

READY_TIMEOUT = 120.0


def run_installation(clone: Clone) -> int:
    """Run Signalbook until somebody asks us to stop. Return 0 then.

    Raises CannotStart with one sentence where something is in the way; nothing is left running.
    """
    options = options_from(os.environ)
    clone.create_state_folder()
    with instance_lock(clone.state / "lock", options.url), SignalWaiter() as wakeups:
        record = ProcessRegistry(clone.state / "processes.json")
        print_text("Signalbook")
        if left := record.end_leftovers():
            print_status("Left over", f"ended {', '.join(left)} of an earlier start")
        require_free_port(options.host, options.port)
        start = StartupSequence(clone, options, Supervisor(wakeups, record))
        try:
            start.run()
        except StopRequested:
            print_text("")
        finally:
            start.supervisor.stop()
            print_status("Stopped", "every process has ended")
    return 0


def restore_installation(clone: Clone, file: Path) -> int:
    """Fill the database of `clone` from a backup, and return 0; `make run` starts from there.

    Raises StartupError where Signalbook runs from this clone, or where the backup cannot be restored: nothing of it is
    there then.
    """
    options = options_from(os.environ)
    if not file.is_file():
        raise StartupError(f"There is no file {file}. Name a backup: make restore FILE=signalbook-20261127T020000Z.zip")
    clone.create_state_folder()
    with instance_lock(clone.state / "lock", "being restored"), SignalWaiter() as wakeups:
        record = ProcessRegistry(clone.state / "processes.json")
        record.end_leftovers()
        start = StartupSequence(clone, options, Supervisor(wakeups, record))
        try:
            start.restore(file.resolve())
        except StopRequested:
            raise StartupError("Stopped. Nothing was restored.") from None
        finally:
            start.supervisor.stop()
    return 0


class StartupSequence:
    """One start: each method is a step, in the order of `run`."""

    def __init__(self, clone: Clone, options: Options, supervisor: Supervisor) -> None:
        self.clone = clone
        self.options = options
        self.supervisor = supervisor
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": options.settings,
            "HOST": options.host,
            "PORT": str(options.port),
            "SIGNALBOOK_URL": options.url,
            "PYTHONUNBUFFERED": "1",
        }
        # The processes that meet the world never learn how the owner of the tables connects.
        self.env.pop("DATABASE_ROLE", None)
        self.owner_url = self.env.pop("OWNER_DATABASE_URL", "") or options.database_url

    def run(self) -> None:
        """Start everything and watch over it. Ends only by Stopped or CannotStart."""
        ensure_installation_secret(self.clone.state)
        self.start_database()
        self.prepare_database()
        self.collect_static_files()
        self.load_demo()
        self.start_processes()
        self.wait_until_ready()
        print_greeting(self.options.url, self.clone.demo_file if self.options.is_demo else None)
        self.supervisor.watch(until=lambda: False)

    def restore(self, file: Path) -> None:
        """Fill the database, which nothing but migrations may have filled, from a backup; print what it says of it."""
        ensure_installation_secret(self.clone.state)
        self.start_database()
        self.prepare_database()
        log = self.clone.log("restore")
        log.unlink(missing_ok=True)
        self._manage("restore", str(file), OWNER_DATABASE_URL=self.owner_url)
        self.clone.mark_step_done("restored", self.owner_url)
        print_text(log.read_text())

    def start_database(self) -> None:
        """Start the embedded PostgreSQL, unless `DATABASE_URL` names another."""
        if self.options.database_url:
            print_status("PostgreSQL", "the one that DATABASE_URL names")
            return
        began = time.monotonic()
        home = open_postgres_home(self.clone.root, self.clone.state)
        postgres = PostgresServer(home, self.clone.log("postgres"))
        was_left = postgres.end_leftover_server()
        if postgres.create():
            self.clone.clear_step("demo")
            self.clone.clear_step("restored")
        child = ChildProcess(
            "postgres", postgres.restart, postgres.log, stop_signal=signal.SIGINT, stop_timeout=10.0, stops_last=True
        )
        postgres.wait_ready(self.supervisor.start(child))
        postgres.ensure_application_role()
        write_private(self.clone.state / DATABASE_URL_FILE, f"{postgres.application_url}\n")
        write_private(self.clone.state / OWNER_URL_FILE, f"{postgres.url}\n")
        self.env["DATABASE_URL"], self.owner_url = postgres.application_url, postgres.url
        how = "taken over and started" if was_left else "started"
        print_status("PostgreSQL", f"{how} in {time.monotonic() - began:.1f} s; its data: {home.data}")

    def prepare_database(self) -> None:
        """Bring the database's tables to this version, as their owner."""
        began = time.monotonic()
        owner = {"OWNER_DATABASE_URL": self.owner_url}
        self._manage("migrate", "--no-input", "--verbosity", "1", **owner)
        self._manage("createcachetable", **owner)
        print_status("Database", f"up to date ({time.monotonic() - began:.1f} s)")

    def collect_static_files(self) -> None:
        """Gather the files that browsers load, where one of them changed since the last time."""
        files = f"{self.options.settings}\n{self.clone.static_files_fingerprint()}"
        if not self.clone.is_step_done("static", files):
            began = time.monotonic()
            self._manage("collectstatic", "--no-input", "--clear", "--verbosity", "0")
            self.clone.mark_step_done("static", files)
            print_status("Static files", f"gathered ({time.monotonic() - began:.1f} s)")

    def load_demo(self) -> None:
        """Load the demo company on the first start of a database, with the demo's settings alone.

        What was restored from a backup is somebody's installation, into which nothing is loaded.
        """
        database = self.owner_url
        if self.clone.is_step_done("restored", database):
            return
        if not self.options.is_demo or (self.clone.is_step_done("demo", database) and self.clone.demo_file.is_file()):
            return
        began = time.monotonic()
        print_status("Demo company", "loading")
        self._manage("load_demo")
        self.clone.mark_step_done("demo", database)
        print_status("Demo company", f"loaded ({time.monotonic() - began:.1f} s)")

    def start_processes(self) -> None:
        """Start web server, workers and beat. Raises StartupError where the port was taken during the preparation."""
        # The web server would share the port with another one in silence, and people would meet both in turn.
        require_free_port(self.options.host, self.options.port)
        self._start("web", "runtime", "web")
        for worker in WORKERS:
            self.supervisor.start(worker_child(worker, self.clone, self.env, self.clone.log(worker)))
        print_status("Processes", f"web, {', '.join(WORKERS)} are starting; their logs: {self.clone.logs}")

    def wait_until_ready(self) -> None:
        """Wait until the web server, the database and the worker answer; complain where that takes too long."""
        began = time.monotonic()
        last = ReadinessResponse(0, "no answer")

        def is_ready() -> bool:
            nonlocal last
            last = probe(self.options.reachable_host, self.options.port, name=self._host_name())
            # Outside the demo, TLS is somebody else's: a redirection to it shows that the server is up.
            return last.status == 200 or (not self.options.is_demo and 300 <= last.status < 400)

        if self.supervisor.watch(until=is_ready, seconds=READY_TIMEOUT):
            print_status("Ready", f"after {time.monotonic() - began:.1f} s")
        else:
            print_error(
                f"Signalbook is not ready after {READY_TIMEOUT:.0f} s. Its last answer was {last.status} "
                f"{last.text!r}. See the logs in {self.clone.logs}; it goes on trying."
            )

    def _host_name(self) -> str:
        """Return the host name under which Django answers."""
        if self.options.is_demo:
            return f"{self.options.reachable_host}:{self.options.port}"
        named = self.env.get("ALLOWED_HOSTS", "").split(",")[0].strip()
        return named.lstrip(".") if named.strip(".*") else self.options.reachable_host

    def _manage(self, command: str, *arguments: str, **environment: str) -> None:
        self.supervisor.run(
            f"manage.py {command}",
            [sys.executable, "manage.py", command, *arguments],
            env=self.env | environment,
            folder=self.clone.root,
            log=self.clone.log(command),
        )

    def _start(self, name: str, module: str, *arguments: str) -> None:
        log = self.clone.log(name)
        self.supervisor.start(
            ChildProcess(name, partial(self._launch, [sys.executable, "-m", module, *arguments], name), log)
        )

    def _launch(self, command: Sequence[str], name: str) -> subprocess.Popen[bytes]:
        with open_log(self.clone.log(name)) as log:
            return process_control.spawn(command, log=log, env=self.env, folder=self.clone.root)
