"""`/readyz` tells what is late from what is dead, and says which part it is."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import WriteKey
from tests.factories.traffic import post_batch, track_call
from tracking.traffic.collect import probes
from tracking.traffic.collect.worker_beats import (
    QUEUES,
    SCHEDULE,
    SCHEDULE_SILENT_AFTER,
    SILENT_AFTER,
    delete_old_beats,
    record_worker_beat,
)
from tracking.traffic.models import InboxBatch, WorkerBeat
from tracking.traffic.tasks import expire, record_schedule_beat

pytestmark = pytest.mark.django_db

ALL_OK = {"database": "ok", "check": "ok", "periodic": "ok", "jobs": "ok", "schedule": "ok", "inbox": "ok"}


def all_alive(*, state: str = "idle", task: str = "") -> None:
    for queue in QUEUES:
        record_worker_beat(f"host/{queue}-1", queue, state, task)
    record_schedule_beat()


def silence(queue: str, by: timedelta) -> None:
    WorkerBeat.objects.filter(queue=queue).update(at=timezone.now() - by)


def test_a_probe_that_is_asked_again_and_again_is_logged_once(
    client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, key: WriteKey
) -> None:
    monkeypatch.setattr(probes, "readiness_log", probes.ReadinessLog())
    caplog.set_level("INFO")
    monkeypatch.setattr(logging.getLogger("django.request"), "propagate", True)
    for _question in range(3):
        client.get("/readyz")
    all_alive()
    post_batch(key, track_call())
    for age in (40, 41, 42):
        InboxBatch.objects.update(received_at=timezone.now() - timedelta(seconds=age))
        client.get("/readyz")
    logged = [record.getMessage() for record in caplog.records if record.name == probes.__name__]
    assert len(logged) == 2
    assert logged[0].startswith("Not ready (database: ok, check: no worker has started")
    assert logged[1].startswith("Ready (database: ok") and "inbox: late" in logged[1]


def test_nobody_has_started(client: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["database"] == answer.json()["inbox"] == "ok"
    assert answer.json()["jobs"] == "no worker has started"
    assert answer.json()["schedule"] == "has not started"


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_all_are_alive(client: Any, state: str) -> None:
    all_alive(state=state)
    all_alive(state=state)
    answer = client.get("/readyz", headers={"host": "10.0.0.7"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", **ALL_OK})


def test_ten_seconds_tell_who_is_dead() -> None:
    assert timedelta(seconds=10) > SILENT_AFTER


@pytest.mark.parametrize("queue", QUEUES)
def test_each_queue_needs_a_worker(client: Any, queue: str) -> None:
    all_alive()
    silence(queue, SILENT_AFTER + timedelta(seconds=1))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()[queue] == "no worker has been heard of for 9 seconds"
    record_worker_beat(f"another/{queue}-1", queue, "idle", "")
    assert client.get("/readyz").json() == {"status": "ok", **ALL_OK}


@pytest.mark.parametrize("state", ["deaf", "hung"])
def test_a_worker_that_only_says_that_it_lives_is_none(client: Any, state: str) -> None:
    all_alive()
    record_worker_beat("host/check-1", "check", state, "traffic.check_inbox")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["check"]) == (503, f"its worker is {state} at traffic.check_inbox")
    record_worker_beat("host/check-2", "check", "busy", "traffic.check_inbox")
    assert client.get("/readyz").status_code == 200


def test_a_schedule_that_does_not_come_is_dead_unless_its_worker_has_long_work(client: Any) -> None:
    all_alive()
    silence(SCHEDULE, SCHEDULE_SILENT_AFTER + timedelta(seconds=10))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["schedule"]) == (503, "has not been heard of for 40 seconds")
    record_worker_beat("host/periodic-1", "periodic", "busy", "traffic.expire")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "late")
    assert answer.json()["schedule"] == "late: has not been heard of for 40 seconds"


def test_a_full_inbox_is_late_and_not_dead(client: Any, key: WriteKey) -> None:
    all_alive()
    post_batch(key, track_call())
    assert client.get("/readyz").json()["status"] == "ok"
    InboxBatch.objects.update(received_at=timezone.now() - timedelta(seconds=31))
    post_batch(key, track_call())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "late")
    assert answer.json()["inbox"].startswith("late: what has waited longest came 31 seconds ago")


def test_workers_of_long_ago_are_forgotten() -> None:
    all_alive()
    silence("jobs", timedelta(days=2))
    expire()
    assert not WorkerBeat.objects.filter(queue="jobs").exists()
    assert WorkerBeat.objects.filter(queue="check").exists()
    delete_old_beats(before=timezone.now() + timedelta(seconds=1))
    assert not WorkerBeat.objects.exists()
