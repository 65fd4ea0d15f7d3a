"""Workers that are killed or stopped, idle or busy, with every broker: they are replaced, and all is counted once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from catalog.models import Event, WriteKey
from tests.factories.traffic import counts_by_verdict, post_batch, track_call
from tests.live_processes import database_url, wait_for
from tests.workers.brokers import Broker, brokers_of_this_machine
from tests.workers.conftest import WORKERS, SupervisedWorkers
from tracking.traffic.models import InboxBatch, WorkerBeat

EVENTS = 10
SILENT_SECONDS = "5"  # of those who write a pulse each second

pytestmark = [
    pytest.mark.kill,
    pytest.mark.xdist_group("one at a time"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),
]

every_broker = pytest.mark.parametrize(
    "broker", brokers_of_this_machine(), indirect=True, ids=lambda kind: kind.__name__
)


@contextmanager
def held_check() -> Iterator[None]:
    """Let every check wait in its middle: it has claimed its batches, and cannot tell which events are new."""
    with psycopg.connect(database_url()) as blocking:
        blocking.execute("LOCK TABLE traffic_dedupkey IN ACCESS EXCLUSIVE MODE")
        yield
        blocking.rollback()


def post(key: WriteKey) -> None:
    assert post_batch(key, *(track_call() for _ in range(EVENTS))).status_code == 200


def wait_until_checked() -> None:
    wait_for(lambda: not InboxBatch.objects.exists(), seconds=60, what="an empty inbox")


def is_checking() -> bool:
    return WorkerBeat.objects.filter(queue="check", state="busy").exists()


@every_broker
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_idle_and_busy_workers_are_replaced(
    started_workers: Callable[..., SupervisedWorkers],
    broker: Broker,
    number: signal.Signals,
    key: WriteKey,
    order: Event,
) -> None:
    workers = started_workers(broker, env={"WORKER_SILENT_SECONDS": SILENT_SECONDS})
    idle = workers.signal(number, *WORKERS, "beat")
    post(key)
    workers.wait_until_replaced(idle)
    wait_until_checked()

    with held_check():
        post(key)
        wait_for(is_checking, what="a check")
        busy = workers.signal(number, "check-1")
        wait_for(lambda: workers.pids().get("check-1", busy["check-1"]) != busy["check-1"], seconds=60, what="another")
    workers.wait_until_replaced(busy)
    wait_until_checked()
    assert counts_by_verdict() == {"conforming": 2 * EVENTS}
