"""Workers killed with -9 in the middle of a check: nothing is lost and nothing is counted twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from celery import current_app
from django.db import connection
from kombu.connection import Connection

from catalog.models import Event, WriteKey
from runtime.installation_state import broker_url
from tests.factories.traffic import counts_by_verdict, post_batch, track_call
from tests.live_processes import Worker, wait_for
from tracking.traffic.models import DedupKey, InboxBatch, QuarantinedBatch, TrafficCount

KILLS = 20
BATCHES = 160
EVENTS = 150  # in each batch
PARTS = ("Order Completed", "Product Viewed", "Cart Opened")

pytestmark = [
    pytest.mark.kill,
    pytest.mark.xdist_group("one at a time"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(240),
]


class Workers:
    """Two workers at a time: while one is killed, the next one is already starting."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.running: dict[str, Worker] = {}
        self._woken_at = 0.0
        self.queue = f"kill-{uuid4().hex[:8]}"
        monkeypatch.setenv("BROKER_FOLDER", str(folder))
        url, options = broker_url(folder)
        self.broker = Connection(url, transport_options=options)

    def start(self) -> None:
        """Start one more, and leave a message that tells it to look."""
        name = f"worker-{uuid4().hex[:8]}"
        place = self.folder / name
        place.mkdir()
        settings = {"PGAPPNAME": name, "INBOX_LEASE_SECONDS": "0.5", "BROKER_FOLDER": str(self.folder)}
        settings["BROKER_QUEUE"] = self.queue
        worker = Worker(place, has_beat=False, env=settings)
        worker.start()
        self.running[name] = worker
        self.wake_up()

    def wake_up(self) -> None:
        current_app.send_task("traffic.drain_inbox", connection=self.broker, queue=f"{self.queue}-check")

    def wake_up_now_and_then(self) -> None:
        """Nudge, at most twice a second."""
        if time.monotonic() - self._woken_at > 0.5:
            self._woken_at = time.monotonic()
            self.wake_up()

    def in_a_check(self) -> str:
        """The name of a worker that stands in the middle of a check: its transaction has written already."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT application_name FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = ANY(%s)
                  AND backend_xid IS NOT NULL AND clock_timestamp() - xact_start > interval '10 milliseconds'
                ORDER BY xact_start LIMIT 1
                """,
                [list(self.running)],
            )
            found = cursor.fetchone()
        return str(found[0]) if found else ""

    def kill(self, name: str) -> None:
        self.running.pop(name).kill()

    def end(self) -> None:
        for worker in self.running.values():
            worker.kill()
        self.broker.release()


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    started = Workers(tmp_path, monkeypatch)
    yield started
    started.end()


class Post:
    """What was sent: enough that a worker always has something to lose."""

    def __init__(self, key: WriteKey) -> None:
        self.key = key
        self.batches = 0

    def top_up(self) -> None:
        """Fill the inbox to `BATCHES` where less than half of that is left."""
        waiting = InboxBatch.objects.count()
        if waiting > BATCHES // 2:
            return
        events = [track_call(PARTS[each % len(PARTS)], userId=f"u-{each}") for each in range(EVENTS)]
        for _ in range(BATCHES - waiting):
            fresh = [event | {"messageId": str(uuid4())} for event in events]
            assert post_batch(self.key, *fresh).status_code == 200
            self.batches += 1


def test_twenty_killed_workers_count_every_event_once(key: WriteKey, order: Event, workers: Workers) -> None:
    post = Post(key)
    post.top_up()
    workers.start()
    workers.start()

    def in_the_middle() -> str:
        # A killed worker takes the message it had read with it, as a lost wake_up does; a beat would send the next.
        workers.wake_up_now_and_then()
        return workers.in_a_check()

    for _ in range(KILLS):
        workers.kill(wait_for(in_the_middle, seconds=60, what="a worker in the middle of a check"))
        assert InboxBatch.objects.exists(), "there was nothing left to lose"
        post.top_up()
        workers.start()

    def is_done() -> bool:
        workers.wake_up_now_and_then()
        return not InboxBatch.objects.exists()

    wait_for(is_done, seconds=90, what="an empty inbox")
    assert not QuarantinedBatch.objects.exists()
    each = post.batches * EVENTS // len(PARTS)
    assert counts_by_verdict(seen_name__name="Order Completed") == {"conforming": each}
    assert counts_by_verdict(seen_name__name="Product Viewed") == {"undocumented": each}
    assert counts_by_verdict(seen_name__name="Cart Opened") == {"undocumented": each}
    totals = TrafficCount.objects.totals()
    assert (totals["count"], totals["repeats"]) == (post.batches * EVENTS, 0)
    assert DedupKey.objects.count() == post.batches * EVENTS
