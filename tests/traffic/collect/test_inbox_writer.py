"""Group commit: what waits is stored together, and what is wrong with one body concerns no other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Semaphore

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from catalog.models import WriteKey
from front.work_pool import PoolBusy, WorkTooSlow
from tests.concurrency import run_behind, run_beside
from tracking.traffic.collect.inbox_store import AcceptedBody, store
from tracking.traffic.collect.inbox_writer import InboxWriter
from tracking.traffic.collect.ingestion import PreparedBody
from tracking.traffic.collect.wake_up import WakeUpSender
from tracking.traffic.models import InboxBatch
from tracking.traffic.models.packed_body import LZ4_MAGIC

pytestmark = pytest.mark.django_db(transaction=True)

BODY = b'{"batch": [' + b",".join([b'{"type": "track", "event": "Order Completed"}'] * 20) + b"]}"


def prepared(key: WriteKey, body: bytes = BODY, **changes: int) -> PreparedBody:
    accepted = AcceptedBody(
        source_id=key.source_id,
        environment=key.environment,
        wire="segment",
        call="",
        body=body,
        event_count=20,
        received_at=timezone.now(),
        is_history=False,
    )
    return PreparedBody(key, replace(accepted, **changes))


def lock_inbox() -> None:
    """Let whoever stores a body wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE traffic_inboxbatch IN ACCESS EXCLUSIVE MODE")


def store_together(
    bodies: Sequence[PreparedBody], *, seconds: float = 20, database_seconds: float = 20, max_waiting: int = 100
) -> list[BaseException | None]:
    """Store bodies that come at the same moment, by one thread, and return what each was told."""

    async def run() -> list[BaseException | None]:
        writer = InboxWriter(1, max_waiting, lambda: False)
        stores = [writer.store(body, seconds=seconds, database_seconds=database_seconds) for body in bodies]
        told = await asyncio.gather(*stores, return_exceptions=True)
        writer.stop()
        assert writer.waiting == 0
        return told

    return asyncio.run(run())


def commits() -> int:
    """How many transactions have stored what lies in the inbox."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM traffic_inboxbatch")
        return int(cursor.fetchone()[0])


def test_what_waits_is_stored_with_one_commit(key: WriteKey) -> None:
    _, told = run_behind(lock_inbox, lambda: store_together([prepared(key)] * 40))

    assert told == [None] * 40
    assert InboxBatch.objects.count() == 40
    # The first is taken by itself, or a few with it; all that came meanwhile go together.
    assert commits() <= 2


def test_a_body_that_cannot_be_stored_costs_no_other_one_its_place(key: WriteKey) -> None:
    bodies = [prepared(key), prepared(key, event_count=2**31), prepared(key)]
    first, broken, last = store_together(bodies)

    assert (first, last) == (None, None)
    assert isinstance(broken, IntegrityError)
    assert [batch.event_count for batch in InboxBatch.objects.all()] == [20, 20]


@pytest.mark.parametrize(
    ("bounds", "error"),
    [({"seconds": 0.5}, WorkTooSlow), ({"database_seconds": 0.5}, OperationalError)],
    ids=["who waits gives up", "the database takes too long"],
)
def test_a_database_that_cannot_store_is_told_to_all_who_wait(
    key: WriteKey, bounds: dict[str, float], error: type[Exception]
) -> None:
    with transaction.atomic():
        lock_inbox()
        with ThreadPoolExecutor(1) as pool:
            told = pool.submit(store_together, [prepared(key)] * 3, **bounds).result(timeout=20)

    assert [type(each) for each in told] == [error] * 3
    assert store_together([prepared(key)] * 2) == [None] * 2


def test_a_key_that_somebody_changes_holds_up_no_other_body(key: WriteKey, staging_key: WriteKey) -> None:
    """The note of a key's last use waits for whoever has locked its row, and the thread that stores does not."""

    async def run() -> list[float]:
        writer = InboxWriter(1, 100, lambda: False)
        seconds = []
        for each in (key, staging_key, key, staging_key):
            began = time.monotonic()
            await writer.store(prepared(each), seconds=20, database_seconds=20)
            seconds.append(time.monotonic() - began)
        writer.stop()
        return seconds

    def store_all() -> list[float]:
        return asyncio.run(run())

    seconds = run_beside(lambda: list(WriteKey.objects.select_for_update(of=("self",))), store_all)
    # Once a minute one statement may wait for half a second, however many keys are locked.
    assert sum(seconds) < 1.5
    assert InboxBatch.objects.count() == 4


def test_a_thread_that_an_error_ended_is_replaced_and_who_waited_is_told(
    key: WriteKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Semaphore(0)
    monkeypatch.setattr(threading, "excepthook", lambda arguments: ended.release())
    request = WakeUpSender.request
    starts = iter([RuntimeError("can't start new thread"), MemoryError()])

    def fail_twice(sender: WakeUpSender) -> None:
        if (error := next(starts, None)) is not None:
            raise error
        request(sender)

    monkeypatch.setattr(WakeUpSender, "request", fail_twice)

    async def run() -> None:
        writer = InboxWriter(1, 100, lambda: False)
        for is_fatal in (True, True, False):
            await writer.store(prepared(key), seconds=5, database_seconds=5)
            if is_fatal:
                assert await asyncio.get_running_loop().run_in_executor(None, lambda: ended.acquire(timeout=5))
        writer.stop()

    asyncio.run(run())
    assert InboxBatch.objects.count() == 3


def test_more_than_may_wait_are_told_at_once(key: WriteKey) -> None:
    *stored, refused = store_together([prepared(key)] * 4, max_waiting=3)

    assert stored == [None] * 3
    assert isinstance(refused, PoolBusy)
    assert InboxBatch.objects.count() == 3


def test_nobody_is_told_before_the_commit(key: WriteKey) -> None:
    """Another connection sees each body from the moment on at which its client hears of it."""

    async def run() -> None:
        writer = InboxWriter(2, 100, lambda: False)
        loop = asyncio.get_running_loop()
        for number in range(1, 6):
            await writer.store(prepared(key), seconds=20, database_seconds=20)
            assert await loop.run_in_executor(None, count_on_own_connection) == number
        writer.stop()

    asyncio.run(run())


def count_on_own_connection() -> int:
    try:
        return InboxBatch.objects.count()
    finally:
        connection.close()


def test_a_body_is_packed_in_its_row_and_as_it_came_for_its_readers(key: WriteKey) -> None:
    short = b'{"batch": []}'
    store([prepared(key, body).accepted for body in (BODY, short)])

    packed, plain = stored_bytes()
    assert packed.startswith(LZ4_MAGIC) and len(packed) < len(BODY) / 2
    assert plain == short
    assert [(batch.body, batch.size) for batch in InboxBatch.objects.all()] == [(BODY, len(BODY)), (short, len(short))]


def test_a_body_that_was_stored_before_bodies_were_packed_is_read(key: WriteKey) -> None:
    store([prepared(key).accepted])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE traffic_inboxbatch SET body = %s", [BODY])

    batch = InboxBatch.objects.get()
    assert batch.body == BODY
    batch.save()
    assert stored_bytes()[0].startswith(LZ4_MAGIC)
    assert InboxBatch.objects.get().body == BODY


def stored_bytes() -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM traffic_inboxbatch ORDER BY id")
        return [bytes(body) for (body,) in cursor.fetchall()]
