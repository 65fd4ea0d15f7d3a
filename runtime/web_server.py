"""The web server: one address, event-driven, and the same here as in production. It serves `config.rsgi`."""

import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from runtime.database.temporary_database import temporary_folder
from runtime.startup_errors import StartupError

TARGET = "config.rsgi:application"
FILES_BESIDE_CONNECTIONS = 256
"""How many files a process holds that are no connections of clients."""


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
    """Serve until somebody asks us to stop, then return 0. A process that ends by itself is started again."""
    connections = allow_files(options.connections)
    server = Granian(
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
    with temporary_folder() as figures:
        # Each process counts for itself; whoever reads the figures wants those of all.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(figures))
        server.serve()
    return 0


def allow_files(connections: int) -> int:
    """Let a process open as many files as it may, and return how many connections fit into that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + FILES_BESIDE_CONNECTIONS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - FILES_BESIDE_CONNECTIONS)
