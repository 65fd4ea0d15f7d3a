"""The garbage collector leaves alone what a process holds for its whole life, and what one check makes."""

from __future__ import annotations

import gc
import subprocess
import sys
import uuid
from typing import Any

import pytest
from celery.signals import worker_ready

from config import worker_process
from config.celery import app
from config.worker_signs import WorkerSigns
from tests.live_processes import ROOT
from tracking.traffic import tasks
from tracking.traffic.check import worker
from tracking.traffic.check.inbox_queue import Claim
from tracking.traffic.check.worker_memory import garbage_collected_afterwards


def frozen_by(program: str) -> int:
    """Return how many objects are frozen in a process at the end of a program."""
    command = [sys.executable, "-c", f"{program}\nimport gc; print(gc.get_freeze_count())"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return int(result.stdout.splitlines()[-1])


def test_a_web_process_freezes_what_it_imported() -> None:
    assert frozen_by("import config.rsgi") > 100_000
    assert frozen_by("import config.celery") == 0


def test_a_worker_freezes_what_it_began_with_once_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[str] = []
    monkeypatch.setattr(worker_process, "freeze_startup_objects", lambda **signal: frozen.append("yes"))
    monkeypatch.setattr(WorkerSigns, "start", lambda self: None)
    receivers = list(worker_ready.receivers)
    monkeypatch.setattr(worker_ready, "receivers", receivers)

    def listen(arguments: Any) -> None:
        assert not frozen
        worker_ready.send(sender=None)

    monkeypatch.setattr(app, "worker_main", listen)
    worker_process.main(["check"])
    assert frozen == ["yes"]


class Circle:
    """Garbage that only the collector finds."""

    alive = 0

    def __init__(self) -> None:
        self.itself = self
        Circle.alive += 1

    def __del__(self) -> None:
        Circle.alive -= 1


def test_garbage_waits_for_the_end_of_a_check_and_no_longer() -> None:
    assert gc.isenabled()
    Circle.alive = 0
    with pytest.raises(RuntimeError), garbage_collected_afterwards():
        assert not gc.isenabled()
        for _ in range(5_000):
            Circle()
        assert Circle.alive == 5_000
        raise RuntimeError
    assert Circle.alive == 0
    assert gc.isenabled()


@pytest.mark.django_db
def test_a_task_checks_without_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [Claim(uuid.uuid4(), is_alone=False)]
    collecting: list[bool] = []
    monkeypatch.setattr(tasks, "claim_single", lambda: None)
    monkeypatch.setattr(tasks, "claim_batches", lambda: claims.pop() if claims else None)

    def check(claim: Claim) -> int:
        collecting.append(gc.isenabled())
        return 1

    monkeypatch.setattr(worker, "try_process_claim", check)
    assert tasks.check_inbox() == 1
    assert collecting == [False]
    assert gc.isenabled()
