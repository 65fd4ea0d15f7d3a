"""The lock between whoever counts traffic and whoever removes it."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.factories.traffic import post_batch, track_call
from tracking.traffic import maintenance_lock
from tracking.traffic.check import inbox_queue, overlong_batches, worker
from tracking.traffic.check.inbox_queue import claim_batches
from tracking.traffic.check.quarantine import quarantine_batch, resend_quarantined
from tracking.traffic.counts import rollups
from tracking.traffic.models import InboxBatch, TrafficCount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def purge_under_way():
    """A purge that is under way on another connection, until the test has ended."""
    holds, may_end = threading.Event(), threading.Event()

    def purge() -> None:
        with transaction.atomic():
            maintenance_lock.acquire_exclusive()
            holds.set()
            may_end.wait(20)
        connection.close()

    thread = threading.Thread(target=purge)
    thread.start()
    assert holds.wait(20)
    yield
    may_end.set()
    thread.join()


def test_neither_a_check_nor_a_fold_begins_while_a_purge_is_under_way(purge_under_way: None) -> None:
    source = SourceFactory.create()
    EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    post_batch(create_write_key(source, "staging"), track_call())
    claim = claim_batches()
    assert claim is not None
    for work in (lambda: worker.check_claim(claim), rollups.fold_deltas):
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
            work()
    assert InboxBatch.objects.count() == 1
    assert not TrafficCount.objects.exists()


def test_no_body_is_moved_while_an_erasure_is_under_way(purge_under_way: None) -> None:
    """It would be looked for where it is no more, and be found nowhere."""
    source = SourceFactory.create()
    post_batch(create_write_key(source, "staging"), track_call())
    claim = claim_batches()
    assert claim is not None
    kept = quarantine_batch(InboxBatch.objects.get(), reason="We failed.")
    movers = (
        inbox_queue.release_expired_leases,
        overlong_batches.divide_overlong_batches,
        lambda: inbox_queue.release_failed_claim(claim, "We failed."),
        lambda: resend_quarantined(kept, by=User.objects.system()),
    )
    for move in movers:
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
            move()


def test_checks_do_not_wait_for_each_other() -> None:
    with transaction.atomic():
        maintenance_lock.acquire_shared()
        seen: list[bool] = []

        def another() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [maintenance_lock.LOCK_ID])
                seen.append(cursor.fetchone()[0])
            connection.close()

        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
        assert seen == [True]
