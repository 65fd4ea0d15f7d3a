"""An erasure beside workers, collectors and people who are at work on the same events."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from catalog.models import WriteKey
from erasure import service
from tests.concurrency import run_behind
from tests.erasure.traces import Erasure, erase, traces_of
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.requests import RequestFactory
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tests.live_processes import Worker, database_url, wait_for
from tracking.requests.choices import DeliveryState
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic import maintenance_lock
from tracking.traffic.check import worker
from tracking.traffic.check.inbox_queue import claim_batches
from tracking.traffic.models import InboxBatch, Sample

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]

ANN, BOB = "u-4711-ann", "u-4712-bob"


@pytest.fixture
def key() -> WriteKey:
    source = SourceFactory.create()
    EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    return create_write_key(source, "staging")


def erase_beside() -> Erasure:
    try:
        return erase(ANN)
    finally:
        connection.close()


def test_an_event_that_is_being_checked_does_not_survive(key: WriteKey) -> None:
    post_batch(key, track_call(userId=ANN), track_call(userId=BOB))
    claim = claim_batches()
    assert claim is not None
    checked, erased = run_behind(lambda: worker.check_claim(claim), lambda: erase(ANN))
    assert checked == 2
    assert erased.counts["samples"] == 1
    assert traces_of(ANN) == {}
    assert Sample.objects.get().event["user_id"] == BOB


def test_an_event_that_a_worker_has_claimed_does_not_survive(key: WriteKey) -> None:
    post_batch(key, track_call(userId=ANN), track_call(userId=BOB))
    claim = claim_batches()
    assert claim is not None
    assert erase(ANN).counts == {"events that waited to be checked": 1}
    assert worker.check_claim(claim) == 1
    assert traces_of(ANN) == {}
    assert Sample.objects.get().event["user_id"] == BOB


def test_a_body_that_is_being_stored_does_not_survive(key: WriteKey) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            post_batch(key, track_call(userId=ANN), track_call(userId=BOB))
            erasing = pool.submit(erase_beside)
            time.sleep(1.5)
            assert not erasing.done()
        erased = erasing.result(timeout=60)
    assert (erased.code, erased.counts) == (0, {"events that waited to be checked": 1})
    assert traces_of(ANN) == {}
    assert process_inbox() == 1


def test_an_event_that_is_being_pinned_does_not_survive() -> None:
    lifecycle = RequestFactory.developed(document=definition("Order Completed"))
    key = create_write_key(lifecycle.sources[0], "staging")
    post_batch(key, track_call(userId=ANN, properties={"total": "x"}, context={"app": {"version": "2.0.0"}}))
    process_inbox()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=lifecycle.members.qa, comment="Wrong.")
            erasing = pool.submit(erase_beside)
            time.sleep(1.5)
            assert not erasing.done()
        erased = erasing.result(timeout=60)
    assert (erased.code, erased.counts["pinned events"]) == (0, 1)
    assert traces_of(ANN) == {}


def test_what_never_ends_is_told(key: WriteKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "WAIT_SECONDS", 0.3)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        post_batch(key, track_call(userId=ANN))
        erased = pool.submit(erase_beside).result(timeout=60)
    assert erased.code == 3
    assert "run this again" in erased.error
    assert erase(ANN).code == 0
    assert traces_of(ANN) == {}


def test_whoever_keeps_sending_is_told(key: WriteKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def send_another() -> bool:
        post_batch(key, track_call(userId=ANN))
        return True

    monkeypatch.setattr(service, "_wait_for_open_transactions", send_another)
    erased = erase(ANN)
    assert erased.code == 3
    assert erased.counts == {"events that waited to be checked": service.MAX_PASSES - 1}


def test_a_check_that_does_not_end_is_told(key: WriteKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOCK_SECONDS", 0.3)
    post_batch(key, track_call(userId=ANN))
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        maintenance_lock.acquire_shared()
        stuck = pool.submit(erase_beside).result(timeout=60)
    assert (stuck.code, stuck.counts) == (3, {})
    assert erase(ANN).counts == {"events that waited to be checked": 1}


def test_transactions_of_other_databases_are_not_waited_for(key: WriteKey) -> None:
    elsewhere = psycopg.connect(database_url(), dbname="postgres")
    here = psycopg.connect(database_url())
    with elsewhere, here:
        elsewhere.execute("SELECT pg_current_xact_id()")
        assert service._open_transactions() == set()
        here.execute("SELECT pg_current_xact_id()")
        assert len(service._open_transactions()) == 1
    assert service._open_transactions() == set()


def test_a_worker_at_work_leaves_nothing(key: WriteKey, tmp_path: Path) -> None:
    """A real worker checks bodies of both while the erasure runs: of one nothing is left."""
    bodies = 150
    for _ in range(bodies):
        post_batch(key, *(track_call(userId=user) for user in (ANN, BOB, BOB, ANN)))
    with Worker(tmp_path):
        wait_for(lambda: InboxBatch.objects.count() < bodies, what="the worker to begin")
        erased = erase(ANN)
        wait_for(lambda: not InboxBatch.objects.exists(), what="the worker to end")
        wait_for(lambda: sum(counts_by_verdict().values()) >= 2 * bodies, what="the counts")
    assert erased.code == 0
    assert traces_of(ANN) == {}
    assert Sample.objects.filter(event__user_id=BOB).exists()
    assert 2 * bodies <= sum(counts_by_verdict().values()) <= 4 * bodies
