"""Workers that hang or are deaf, messages that are lost, brokers that end, and an inbox full of work."""

from __future__ import annotations

import http.client
import json
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from kombu.connection import Connection

from catalog.models import Event, WriteKey
from config.task_queues import TaskQueue, declared_queues
from runtime.installation_state import broker_url
from tests.factories.traffic import basic_auth_header, counts_by_verdict, post_batch, track_call
from tests.live_processes import ROOT, LiveServer, database_url, wait_for
from tests.workers.brokers import Broker, brokers_of_this_machine
from tests.workers.conftest import SupervisedWorkers
from tests.workers.test_worker_incidents import held_check, is_checking, post, wait_until_checked
from tracking.traffic.collect.worker_beats import inbox_part, queue_parts
from tracking.traffic.models import InboxBatch, WaitingWakeUp, WorkerBeat

READY_SECONDS = 45  # of which most is Python's, on a machine that has much to do
DEAF_TRANSPORT = """
import os, sys
if "config.worker_process" in sys.orig_argv:
    from queue import Empty
    from kombu.transport import filesystem
    hear = filesystem.Channel._get
    def get(channel, queue):
        if os.path.exists({switch!r}):
            raise Empty
        return hear(channel, queue)
    filesystem.Channel._get = get
"""
"""Makes a worker deaf while a file is there: its broker takes messages and brings none."""

pytestmark = [
    pytest.mark.kill,
    pytest.mark.xdist_group("one at a time"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

StartWorkers = Callable[..., SupervisedWorkers]


def connect(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Connection:
    for name, value in broker.env.items():
        monkeypatch.setenv(name, value)
    url, options = broker_url(broker.folder)
    return Connection(url, transport_options=options)


def test_a_task_past_its_bound_ends_its_process(
    started_workers: StartWorkers, broker: Broker, key: WriteKey, order: Event
) -> None:
    workers = started_workers(broker, env={"WORKER_CHECK_SECONDS": "3"})
    with held_check():
        post(key)
        wait_for(is_checking, what="a check")
        hanging = workers.pids()["check-1"]
        wait_for(lambda: workers.pids().get("check-1", hanging) != hanging, seconds=60, what="another process")
    wait_until_checked()
    assert "has been at traffic." in workers.output()
    assert counts_by_verdict() == {"conforming": 10}


def test_a_deaf_worker_is_replaced(started_workers: StartWorkers, broker: Broker, tmp_path: Path) -> None:
    switch = tmp_path / "deaf"
    (tmp_path / "sitecustomize.py").write_text(DEAF_TRANSPORT.format(switch=str(switch)))
    workers = started_workers(broker, env={"WORKER_DEAF_SECONDS": "4", "PYTHONPATH": f"{tmp_path}:{ROOT}"})
    before = workers.pids()
    switch.touch()
    wait_for(lambda: "check-1      has not heard a message" in workers.output(), seconds=60, what="a deaf worker")
    switch.unlink()
    workers.wait_until_replaced({"check-1": before["check-1"]})


def test_neither_a_check_nor_an_import_holds_up_the_others(
    started_workers: StartWorkers, broker: Broker, key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    started_workers(broker)
    queue = next(each for each in declared_queues(broker.env["BROKER_QUEUE"]) if each.name.endswith(TaskQueue.JOBS))
    with psycopg.connect(database_url()) as blocking, held_check(), connect(broker, monkeypatch) as connection:
        blocking.execute("LOCK TABLE catalog_importrun IN ACCESS EXCLUSIVE MODE")
        post(key)
        headers = {"id": "1", "task": "requests.run_import", "lang": "py"}
        connection.SimpleQueue(queue).put([[1], {}, {}], headers=headers, serializer="json")
        wait_for(is_checking, what="a check")
        wait_for(lambda: WorkerBeat.objects.filter(queue="jobs", state="busy").exists(), what="an import")
        began = timezone.now()
        while timezone.now() - began < timedelta(seconds=10):
            assert set(queue_parts(timezone.now()).values()) == {"ok"}
            time.sleep(0.2)
        assert WorkerBeat.objects.get(queue="schedule").at > began
        blocking.rollback()


def test_at_most_one_wake_up_waits_however_steady_the_load(
    started_workers: StartWorkers, broker: Broker, tmp_path: Path, key: WriteKey, order: Event
) -> None:
    started_workers(broker, "check-1", "periodic-1", "jobs-1", "beat")
    queue = Path(broker.env["BROKER_FOLDER"]) / "queue"

    def waiting() -> list[str]:
        messages = []
        for path in queue.glob("*-check.msg"):
            try:
                messages.append(json.loads(path.read_text())["headers"]["task"])
            except FileNotFoundError:
                continue
        return messages

    with LiveServer(tmp_path, env={**broker.env, "WEB_PROCESSES": "2"}) as server, held_check():
        clients = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(4)]
        most = sent = 0
        until = time.monotonic() + 8
        while time.monotonic() < until:
            for client in clients:
                headers = {"Authorization": basic_auth_header(key), "Content-Type": "application/json"}
                client.request("POST", "/v1/batch", json.dumps({"batch": [track_call()]}), headers)
                answer = client.getresponse()
                assert (answer.status, answer.read() and None) == (200, None)
                sent += 1
            most = max(most, waiting().count("traffic.check_inbox"))
        assert sent > 20
        assert most == 1
    wait_until_checked()
    assert counts_by_verdict() == {"conforming": sent}


@pytest.mark.parametrize("broker", brokers_of_this_machine(), indirect=True, ids=lambda kind: kind.__name__)
def test_what_is_lost_in_the_broker_costs_a_beat(
    started_workers: StartWorkers, broker: Broker, key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = started_workers(broker)
    with connect(broker, monkeypatch) as connection:
        for queue in declared_queues(broker.env["BROKER_QUEUE"]):
            queue(connection.channel()).purge()
    WaitingWakeUp.objects.create(id=1, at=timezone.now())  # its message was lost, and nobody sends another one
    post(key)
    wait_until_checked()
    assert workers.is_ready()


@pytest.mark.parametrize("broker", brokers_of_this_machine()[:2], indirect=True, ids=lambda kind: kind.__name__)
def test_a_broker_that_ends_and_comes_back_holds_up_nothing_for_good(
    started_workers: StartWorkers, broker: Broker, key: WriteKey, order: Event
) -> None:
    workers = started_workers(broker)
    broker.stop()
    post(key)
    time.sleep(3)
    broker.start()
    wait_until_checked()
    wait_for(workers.is_ready, seconds=60, what="the workers")
    assert counts_by_verdict() == {"conforming": 10}


def test_a_start_is_ready_while_the_inbox_is_full_of_work(
    started_workers: StartWorkers, broker: Broker, key: WriteKey, order: Event
) -> None:
    post_batch(key, *(track_call() for _ in range(100)))
    one = InboxBatch.objects.get()
    hour_ago = timezone.now() - timedelta(hours=1)
    InboxBatch.objects.update(received_at=hour_ago)
    fields = ("source_id", "environment", "wire", "call", "body", "size", "event_count")
    copied = {field: getattr(one, field) for field in fields}
    InboxBatch.objects.bulk_create([InboxBatch(received_at=hour_ago, **copied) for _ in range(999)])
    began = time.monotonic()
    workers = started_workers(broker)
    assert time.monotonic() - began < READY_SECONDS
    assert InboxBatch.objects.exists()
    assert inbox_part(timezone.now(), timedelta(seconds=30)).startswith("late: ")
    workers.signal(signal.SIGKILL, "check-1")
