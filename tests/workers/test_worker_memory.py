"""Workers that take too much memory: another one goes on, and the batch that took it is tried alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Event, Source, WriteKey
from runtime.supervision.child_process import ChildProcess
from runtime.supervision.process_memory import DEFAULT_LIMIT, resident_bytes, worker_memory_limit
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tests.live_processes import wait_for
from tests.workers.brokers import Broker
from tests.workers.conftest import SupervisedWorkers
from tracking.traffic import tasks
from tracking.traffic.check import worker, worker_memory
from tracking.traffic.models import InboxBatch, QuarantinedBatch

MEGABYTE = 2**20


def store_heavy_body(source: Source) -> InboxBatch:
    """A body within every bound, of one event that takes some hundred megabytes in memory."""
    items = ",".join(f'{{"key{number:06}":{number}}}' for number in range(700_000))
    body = f'{{"batch": [{{"type": "track", "event": "Heavy", "properties": {{"items": [{items}]}}}}]}}'.encode()
    return InboxBatch.objects.create(
        source=source,
        environment="production",
        wire="segment",
        body=body,
        size=len(body),
        event_count=1,
        received_at=timezone.now(),
    )


def test_the_memory_of_a_process_is_read() -> None:
    before = resident_bytes()
    held = bytearray(b"x" * (64 * MEGABYTE))
    assert resident_bytes() - before > 48 * MEGABYTE
    del held
    assert resident_bytes(2**22 + 1) == 0
    assert worker_memory_limit({"WORKER_MAX_MEMORY": "5000"}) == 5_000
    assert worker_memory_limit({"WORKER_MAX_MEMORY": "much"}) == worker_memory_limit({}) == DEFAULT_LIMIT


def test_a_child_that_holds_too_much_is_at_fault(tmp_path: Path) -> None:
    program = "x = b'x' * (80 * 2**20); print(flush=True); import time; time.sleep(60)"

    def launch() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)

    for max_memory, fault in ((60 * MEGABYTE, "MB of memory"), (2_000 * MEGABYTE, ""), (0, "")):
        child = ChildProcess("check-1", launch, tmp_path / "log", max_memory=max_memory)
        with child.start() as process:
            try:
                assert process.stdout is not None
                process.stdout.readline()
                found = child.find_fault()
                assert fault in found
                assert bool(found) is bool(fault)
            finally:
                process.kill()


@pytest.mark.django_db
class TestWithinOneProcess:
    @pytest.fixture(autouse=True)
    def memory(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> worker_memory.WorkerMemory:
        """The memory that worker and task look at, as if nothing had been yet."""
        memory = worker_memory.WorkerMemory()
        for module in (worker, tasks):
            monkeypatch.setattr(module, "worker_memory", memory)
        settings.INBOX_RETRY_DELAY = timedelta(0)
        return memory

    def test_only_the_batch_that_takes_too_much_is_quarantined(
        self, key: WriteKey, shop: Source, order: Event, settings: Any, memory: worker_memory.WorkerMemory
    ) -> None:
        post_batch(key, track_call())
        heavy = store_heavy_body(shop)
        post_batch(key, track_call())
        settings.WORKER_MAX_MEMORY = resident_bytes() + 80 * MEGABYTE
        assert process_inbox() == 2

        assert counts_by_verdict() == {"conforming": 2}
        row = QuarantinedBatch.objects.get()
        assert row.size == heavy.size
        assert "WorkerMemoryExceeded" in row.reason
        assert memory.has_exceeded

    def test_a_task_ends_after_the_set_in_which_its_worker_grew(
        self, key: WriteKey, order: Event, settings: Any, memory: worker_memory.WorkerMemory
    ) -> None:
        settings.INBOX_CLAIM_BATCHES = 1
        for _ in range(3):
            post_batch(key, track_call())
        settings.WORKER_MAX_MEMORY = resident_bytes() * 3 // 2
        assert tasks.check_inbox() == 1
        settings.WORKER_MAX_MEMORY = resident_bytes() * 4
        assert tasks.check_inbox() == 2
        assert not memory.has_exceeded


@pytest.mark.kill
@pytest.mark.xdist_group("one at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_a_worker_past_its_limit_is_replaced_and_the_others_batches_are_counted(
    started_workers: Callable[..., SupervisedWorkers], broker: Broker, key: WriteKey, shop: Source, order: Event
) -> None:
    heavy = store_heavy_body(shop)
    for _ in range(5):
        post_batch(key, track_call(), track_call())
    workers = started_workers(broker, env={"WORKER_MAX_MEMORY": str(280 * MEGABYTE), "INBOX_LEASE_SECONDS": "5"})

    def is_tried_alone() -> bool:
        return InboxBatch.objects.filter(pk=heavy.pk, is_alone=True).exclude(last_error="").exists()

    wait_for(lambda: counts_by_verdict() == {"conforming": 10}, seconds=120, what="the good events")
    wait_for(is_tried_alone, seconds=60, what="the heavy batch alone")
    wait_for(lambda: "check-1      ended" in workers.output(), seconds=60, what="the end of the worker")
    assert list(InboxBatch.objects.values_list("pk", flat=True)) in ([heavy.pk], [])
