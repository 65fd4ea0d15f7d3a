"""Workers with their supervisor, as an installation without `make run` has them."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.models import Event, Source, WriteKey
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.live_processes import ManagedProcess, wait_for
from tests.workers.brokers import Broker
from tracking.traffic.collect.worker_beats import queue_parts

WORKERS = ("check-1", "periodic-1", "jobs-1")


class SupervisedWorkers(ManagedProcess):
    """`python -m runtime workers`, its pulses and logs in `folder`."""

    def __init__(self, folder: Path, broker: Broker, *names: str, env: Mapping[str, str] | None = None) -> None:
        self.pulses = folder / "workers"
        own = {"WORKER_FOLDER": str(self.pulses), "INBOX_LEASE_SECONDS": "1", **broker.env, **(env or {})}
        super().__init__("workers", [sys.executable, "-m", "runtime", "workers", *names], folder=folder, env=own)

    def wait_until_ready(self) -> None:
        wait_for(self.is_ready, seconds=90, what="the workers")

    def is_ready(self) -> bool:
        """Whether the database says that every queue has its worker and the schedule comes."""
        self.require_running()
        return set(queue_parts(timezone.now()).values()) == {"ok"}

    def pids(self) -> dict[str, int]:
        """The processes that run now, by name."""
        registry = self.pulses / "processes.json"
        return {name: entry["pid"] for name, entry in json.loads(registry.read_text()).items()}

    def signal(self, number: signal.Signals, *names: str) -> dict[str, int]:
        """Send a signal to these processes and return whom it went to."""
        pids = {name: pid for name, pid in self.pids().items() if name in names}
        assert set(pids) == set(names)
        for pid in pids.values():
            os.kill(pid, number)
        return pids

    def wait_until_replaced(self, old: Mapping[str, int], *, seconds: float = 60) -> None:
        """Return once other processes have the places of these, and all are ready."""

        def are_replaced() -> bool:
            pids = self.pids()
            return all(pids.get(name, pid) != pid for name, pid in old.items()) and self.is_ready()

        wait_for(are_replaced, seconds=seconds, what=f"others in the place of {', '.join(old)}")

    def stop(self) -> None:
        """End it and all of its children, those that are stopped as well."""
        super().stop()
        for pid in self.pids().values() if (self.pulses / "processes.json").exists() else ():
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def started_workers(tmp_path: Path) -> Iterator[Callable[..., SupervisedWorkers]]:
    """A function that starts workers with a broker and returns them once they are ready."""
    started: list[SupervisedWorkers] = []

    def start(broker: Broker, *names: str, env: Mapping[str, str] | None = None) -> SupervisedWorkers:
        workers = SupervisedWorkers(tmp_path, broker, *names, env=env)
        started.append(workers)
        workers.start()
        workers.wait_until_ready()
        return workers

    yield start
    for workers in started:
        workers.stop()


@pytest.fixture
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A broker of the kind that the test names, or of files."""
    kind: type[Broker] = getattr(request, "param", Broker)
    made = kind(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def shop(db: None) -> Source:
    """The source that sends."""
    return SourceFactory.create(slug="web-shop")


@pytest.fixture
def key(shop: Source) -> WriteKey:
    """Its write key of production."""
    return create_write_key(shop, "production")


@pytest.fixture
def order(shop: Source) -> Event:
    """The event `Order Completed`, which the shop sends."""
    return EventFactory.create(name="Order Completed", sources=[shop], is_live=True)
