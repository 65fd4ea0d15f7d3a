"""The brokers of this machine, for tests that try each: files always, others where they are installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from uuid import uuid4

from tests.live_processes import free_port

RABBITMQ_PORT = 5672


class Broker:
    """A broker as workers are told of it by `env`. This one lies in files of `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"BROKER_FOLDER": str(folder / "broker"), "BROKER_QUEUE": f"tests-{uuid4().hex[:8]}"}

    def start(self) -> None:
        """Start it where it is a process of ours, and return once it answers."""

    def stop(self) -> None:
        """End it, and with it all that it held."""


class Redis(Broker):
    """A Redis of our own, which keeps nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.env["BROKER_URL"] = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "redis.log").open("ab") as log:
            command = [
                "redis-server",
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not answers(self.port):
            assert time.monotonic() < deadline, (self.folder / "redis.log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class RabbitMQ(Broker):
    """The RabbitMQ of this machine; its queues have names of their own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.env["BROKER_URL"] = f"amqp://guest:guest@127.0.0.1:{RABBITMQ_PORT}//"


def answers(port: int) -> bool:
    """Return whether something listens at this port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def brokers_of_this_machine() -> list[type[Broker]]:
    """Return the kinds of broker that can be tried here."""
    found: list[type[Broker]] = [Broker]
    if shutil.which("redis-server"):
        found.append(Redis)
    if answers(RABBITMQ_PORT):
        found.append(RabbitMQ)
    return found
