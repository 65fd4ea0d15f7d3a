"""The web server: one address, event-driven, and the same here as in production. It serves `config.rsgi`."""

import os
import resource
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from runtime.database.temporary_database import temporary_folder
from runtime.startup_errors import StartupError
from runtime.supervision.loop_pulse import FOLDER_VARIABLE
from runtime.supervision.web_process_watch import WebProcessWatch

TARGET = "config.rsgi:application"
FILES_BESIDE_CONNECTIONS = 256
"""How many files a process holds that are no connections of clients."""

MAX_RESTARTS = 20
RESTART_SECONDS = 60.0
"""Who ends more often within so long cannot start at all: then the server ends, and says so."""


class WebServer(MPServer):
    """granian, which replaces processes however soon they end again.

    By itself it takes two ends within six seconds for a fault at start, and ends the processes that work, too.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._restarts: deque[float] = deque(maxlen=MAX_RESTARTS)

    def process_ids(self) -> Sequence[int]:
        """Return the processes that answer at present."""
        return [pid for worker in list(self.wrks) if (pid := worker.inner.pid) is not None]

    def _respawn_workers(self, workers: Sequence[int], *arguments: Any, **options: Any) -> None:
        super()._respawn_workers(workers, *arguments, **options)
        now = time.monotonic()
        self._restarts.extend(now for _ in workers)
        if len(self._restarts) < MAX_RESTARTS or now - self._restarts[0] > RESTART_SECONDS:
            self.respawned_wrks.clear()  # so that granian sees no loop yet


@dataclass(frozen=True, slots=True)
class WebServerOptions:
    """Where it listens, with how many processes, and the bounds that hold before an application is asked."""

    host: str
    port: int
    processes: int
    connections: int  # of each process
    header_seconds: int
    stop_seconds: int


def web_server_options(environment: Mapping[str, str]) -> WebServerOptions:
    """Read `HOST`, `PORT`, `WEB_PROCESSES`, `WEB_CONNECTIONS`, `HEADER_SECONDS`. Raises StartupError for a bad one."""

    def number(name: str, default: int, *, least: int, most: int) -> int:
        text = environment.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise StartupError(f"{name} is {text!r}. Set it to a number from {least} to {most}.")
        return int(text)

    return WebServerOptions(
        host=environment.get("HOST") or "127.0.0.1",
        port=number("PORT", 8000, least=1, most=65_535),
        processes=number("WEB_PROCESSES", 2, least=1, most=64),
        connections=number("WEB_CONNECTIONS", 10_000, least=100, most=1_000_000),
        header_seconds=number("HEADER_SECONDS", 20, least=1, most=60),
        stop_seconds=4,
    )


def serve(options: WebServerOptions) -> int:
    """Serve until somebody asks us to stop, then return 0. A process that ends by itself, or is silent, is replaced."""
    connections = allow_files(options.connections)
    server = WebServer(
        TARGET,
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        workers=options.processes,
        backlog=2048,
        backpressure=connections,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=options.header_seconds * 1000),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=options.stop_seconds,
    )
    with temporary_folder(in_memory=True) as figures:
        # Each process counts for itself; whoever reads the figures wants those of all.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(figures))
        with temporary_folder(in_memory=True) as pulses:
            os.environ[FOLDER_VARIABLE] = str(pulses)
            watch = WebProcessWatch(pulses, server.process_ids)
            watch.start()
            server.serve()
            watch.stop()
    return 0


def allow_files(connections: int) -> int:
    """Let a process open as many files as it may, and return how many connections fit into that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + FILES_BESIDE_CONNECTIONS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - FILES_BESIDE_CONNECTIONS)
