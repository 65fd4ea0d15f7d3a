"""Bounds of the inbox and of claims in events, and batches that came before there was one."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Event, Source, WriteKey
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.traffic import tasks
from tracking.traffic.check import inbox_queue, worker
from tracking.traffic.check.inbox_queue import claim_batches
from tracking.traffic.check.overlong_batches import divide_overlong_batches
from tracking.traffic.collect.back_pressure import EVENT_OVERHEAD_BYTES, inbox_capacity
from tracking.traffic.collect.wires import WIRES
from tracking.traffic.models import InboxBatch, QuarantinedBatch, TrafficCount

pytestmark = pytest.mark.django_db


def store_body(source: Source, body: bytes, event_count: int, **fields: Any) -> InboxBatch:
    """A body in the inbox, whatever the collector would have said of it."""
    return InboxBatch.objects.create(
        source=source,
        environment="production",
        wire=fields.pop("wire", "segment"),
        body=body,
        size=len(body),
        event_count=event_count,
        received_at=timezone.now(),
        **fields,
    )


def test_a_claim_is_bounded_by_events(key: WriteKey, monkeypatch: Any) -> None:
    monkeypatch.setattr(inbox_queue, "MAX_CLAIM_EVENTS", 10)
    for count in (4, 4, 4, 12, 1):
        post_batch(key, *[{}] * count)
    claimed = []
    while claim := claim_batches():
        claimed.append(sum(InboxBatch.objects.filter(lease=claim.lease).values_list("event_count", flat=True)))
    assert claimed == [8, 4, 12, 1]


def test_tiny_events_fill_the_inbox_by_their_number(key: WriteKey, settings: Any) -> None:
    settings.INBOX_MAX_BYTES = 2 * (1_000 * EVENT_OVERHEAD_BYTES + 10_000)
    other = create_write_key(SourceFactory.create(slug="another"))
    body = b'{"batch":[' + b"{}," * 499 + b"{}]}"
    assert [post_body(key, body).status_code for _ in range(3)] == [200, 200, 503]
    assert post_body(other, body).status_code == 200
    inbox_capacity.invalidate()
    assert post_body(key, body).status_code == 503
    assert post_body(key, gzip.compress(b'{"batch":[' + b"{}," * 4_999 + b"{}]}")).status_code == 503
    assert process_inbox() == 1_500
    inbox_capacity.invalidate()
    assert post_body(key, body).status_code == 200


@pytest.mark.parametrize("wire", WIRES)
def test_a_batch_from_before_the_bound_is_divided_and_counted(
    shop: Source, order: Event, settings: Any, wire: str
) -> None:
    settings.COLLECT_MAX_EVENTS = 10
    events = [track_call(timestamp="2026-11-24T10:00:00Z", messageId=f"m-{place % 20}") for place in range(25)]
    shared = {"locale": "de-CH"}
    body = json.dumps({"batch": events, "sentAt": "2026-11-24T10:00:00Z", "context": shared}).encode()
    store_body(shop, body, 25, wire=wire, is_alone=True, attempts=2)
    assert process_inbox() == 0

    assert divide_overlong_batches() == 1
    assert list(InboxBatch.objects.order_by("id").values_list("event_count", flat=True)) == [10, 10, 5]
    for batch in InboxBatch.objects.all():
        assert json.loads(bytes(batch.body))["context"] == shared
    assert process_inbox() == 25
    assert counts_by_verdict() == {"conforming": 20}
    assert TrafficCount.objects.totals()["repeats"] == 5
    assert divide_overlong_batches() == 0


def test_a_million_events_from_before_the_bound_take_little_memory(shop: Source) -> None:
    body = b'{"batch":[' + b"{}," * 999_999 + b"{}]}"
    store_body(shop, body, 1_000_000)
    tracemalloc.start()
    try:
        assert divide_overlong_batches() == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * len(body)
    assert InboxBatch.objects.count() == 200
    assert sum(InboxBatch.objects.values_list("event_count", flat=True)) == 1_000_000
    claim = claim_batches()
    assert claim is not None
    assert worker.process_claim(claim) == inbox_queue.MAX_CLAIM_EVENTS


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch": [{}, {}, {"a": NaN}, {}, oops, {}]}',
        b'{"batch": [{}, {}, {}, {}',
        b'{"batch": {"a": 1}, "type": "track"}',
        b'{"batch": [{}], "batch": [{}, {}]}',
        b'{"batch": [{}, {}, {}], "context": {"a": "' + b"x" * 40_000 + b'"}}',
        b'{"batch": [{}, ' + b"[" * 200_000 + b"]" * 200_000 + b"]}",
        b"nonsense",
    ],
)
def test_what_cannot_be_divided_is_quarantined_whole(key: WriteKey, shop: Source, body: bytes, settings: Any) -> None:
    settings.COLLECT_MAX_EVENTS = 2
    store_body(shop, body, 5_000)
    post_batch(key, track_call())
    tasks.drain_inbox()
    row = QuarantinedBatch.objects.get()
    assert bytes(row.body) == body
    assert "more events than are checked at once" in row.reason
    assert TrafficCount.objects.totals()["count"] == 1
    assert not InboxBatch.objects.exists()


def test_one_source_s_hostile_batch_leaves_that_of_another_alone(key: WriteKey, shop: Source, settings: Any) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)
    other = create_write_key(SourceFactory.create(slug="another"))
    store_body(shop, b"no JSON at all", 1)
    post_batch(other, track_call("Good"))
    good = InboxBatch.objects.get(source=other.source)
    claim = claim_batches()
    assert claim is not None
    assert InboxBatch.objects.filter(lease=claim.lease).count() == 2

    assert worker.process_claim(claim) == 1
    assert counts_by_verdict() == {"undocumented": 1}
    assert not InboxBatch.objects.filter(pk=good.pk).exists()
    hostile = InboxBatch.objects.get()
    assert (hostile.is_alone, hostile.attempts, hostile.lease) == (True, 0, None)
    assert "UnparsableBody" in hostile.last_error
    assert process_inbox() == 0
    assert QuarantinedBatch.objects.get().source == shop
