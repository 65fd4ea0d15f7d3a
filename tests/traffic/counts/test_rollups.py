"""Counts: folded once, read the same before and after, and forgotten in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import Health, Status
from catalog.models import Binding, Event, WriteKey
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.traffic.check import worker
from tracking.traffic.check.inbox_queue import claim_batches, release_expired_leases
from tracking.traffic.counts.rollups import counts_by_day, fold_deltas
from tracking.traffic.models import (
    DedupKey,
    DedupRotation,
    EarlierDedupKey,
    HourlyDistinctValue,
    InboxBatch,
    QuarantinedBatch,
    Rollup,
    RollupDelta,
    TrafficCount,
)
from tracking.traffic.tasks import expire, fold_rollups


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """Do each work in a thread with a connection of its own, all at once, and return what they answered."""
    answers: list[Any] = [None] * len(works)
    begin = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        begin.wait()
        try:
            answers[place] = work()
        except BaseException as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db
class TestFolding:
    """One database, one fold at a time."""

    def test_a_fold_changes_no_sum(self, key: WriteKey, order: Event) -> None:
        for _ in range(3):
            event = track_call()
            post_batch(key, event, event, track_call("Product Viewed"), track_call(properties={"total": 1, "new": 1}))
            process_inbox()
        before = (counts_by_verdict(), TrafficCount.objects.totals())
        assert RollupDelta.objects.count() == 6

        assert fold_deltas().delta_count == 6
        assert not RollupDelta.objects.exists()
        assert Rollup.objects.count() == 2
        assert (counts_by_verdict(), TrafficCount.objects.totals()) == before
        post_batch(key, track_call())
        process_inbox()
        fold_deltas()
        assert Rollup.objects.count() == 2
        assert counts_by_verdict()["conforming"] == before[0]["conforming"] + 1

    def test_every_figure_of_an_hour_survives_folds_that_come_after_it_was_folded(
        self, key: WriteKey, order: Event
    ) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
        Binding.objects.update(written_at=hour - timedelta(days=1))
        on_time, late = (hour - timedelta(minutes=5)).isoformat(), (hour - timedelta(days=9)).isoformat()

        def batch_at(minute: int) -> None:
            repeated = track_call(timestamp=late, sentAt=on_time)
            alike = [track_call(timestamp=on_time, messageId=None, properties={"total": minute})] * 2
            in_a_year = (hour + timedelta(days=365)).isoformat()
            warned = track_call(timestamp=in_a_year, properties={"total": 1, "new": 1})
            post_batch(key, repeated, repeated, *alike, warned)
            InboxBatch.objects.update(received_at=hour + timedelta(minutes=minute))
            process_inbox()

        for number, minute in enumerate((20, 50, 35), start=1):
            batch_at(minute)
            expected = {
                "count": 4 * number,
                "warned": number,
                "repeats": number,
                "possible_repeats": number,
                "late": number,
                "undated": number,
                "last_seen": hour + timedelta(minutes=20 if number == 1 else 50),
            }
            assert TrafficCount.objects.totals() == expected, "before the fold"
            assert fold_deltas().delta_count == 1
            assert not RollupDelta.objects.exists()
            row = Rollup.objects.get()
            assert row.hour == hour
            assert {name: getattr(row, name) for name in expected} == expected, "after it"
            assert TrafficCount.objects.totals() == expected

    def test_a_fold_with_nothing_to_do_says_so(self, db: None) -> None:
        assert fold_deltas().delta_count == 0

    def test_days_are_whole_and_none_is_left_out(self, key: WriteKey, order: Event) -> None:
        post_batch(key, track_call(), track_call("Product Viewed"))
        post_batch(key, track_call())
        InboxBatch.objects.filter(event_count=1).update(received_at=timezone.now() - timedelta(days=2))
        process_inbox()
        days = counts_by_day(order, days=7)

        assert len(days) == 7
        assert days[-1].day == datetime.now(UTC).date()
        assert days[-1].verdicts == {"conforming": 1}
        assert days[-3].total + days[-2].total + days[-4].total == 1
        assert sum(day.total for day in counts_by_day(days=7)) == 3
        assert sum(day.total for day in counts_by_day(days=7, environment="staging")) == 0
        assert sum(day.total for day in counts_by_day(days=7, source=key.source)) == 3

    def test_the_catalog_hears_of_it(self, key: WriteKey, staging_key: WriteKey, order: Event) -> None:
        post_batch(staging_key, track_call(properties={"total": "x"}))
        process_inbox()
        fold_rollups()
        order.refresh_from_db()
        assert (order.volume, order.health) == (0, Health.UNKNOWN)
        assert order.last_seen_at is not None

        post_batch(key, track_call(), track_call(), track_call(properties={"total": "x"}))
        process_inbox()
        fold_rollups()
        order.refresh_from_db()
        assert (order.volume, order.health) == (3, Health.FAILING)

        Rollup.objects.update(hour=timezone.now() - timedelta(days=3))
        expire()
        order.refresh_from_db()
        assert (order.volume, order.health) == (3, Health.FAILING), "three a month are not quiet after three days"

        Rollup.objects.filter(verdict="conforming").update(count=1000)
        expire()
        order.refresh_from_db()
        assert (order.volume, order.health) == (1001, Health.UNKNOWN)

    def test_a_rare_event_is_judged_by_its_last_day(self, key: WriteKey, order: Event) -> None:
        post_batch(key, track_call(properties={"total": "x"}))
        process_inbox()
        fold_deltas()
        Rollup.objects.update(hour=timezone.now() - timedelta(days=6))
        post_batch(key, track_call())
        process_inbox()
        fold_deltas()
        Rollup.objects.filter(verdict="conforming").update(hour=timezone.now() - timedelta(days=2))
        expire()
        order.refresh_from_db()
        assert (order.volume, order.health) == (2, Health.OK)

    def test_a_baseline_is_live_with_its_first_conforming_production_event(self, key: WriteKey, order: Event) -> None:
        Event.objects.filter(pk=order.pk).update(status=Status.PLANNED)
        post_batch(key, track_call(properties={"total": "x"}))
        process_inbox()
        fold_rollups()
        order.refresh_from_db()
        assert order.status == Status.PLANNED
        post_batch(key, track_call())
        process_inbox()
        fold_rollups()
        order.refresh_from_db()
        assert order.status == Status.LIVE

    @pytest.mark.parametrize("days", [400, -400], ids=["long ago", "to come"])
    def test_a_baseline_is_not_live_by_what_cannot_be_dated(self, key: WriteKey, order: Event, days: int) -> None:
        Event.objects.filter(pk=order.pk).update(status=Status.PLANNED)
        undated = track_call(timestamp=(timezone.now() - timedelta(days=days)).isoformat())
        post_body(key, {"batch": [undated], "sentAt": timezone.now().isoformat()})
        process_inbox()
        fold_rollups()
        order.refresh_from_db()
        assert order.status == Status.PLANNED
        assert (order.volume, order.health) == (1, Health.WARNINGS), "it did arrive"
        assert order.last_seen_at is not None
        post_batch(key, track_call())
        process_inbox()
        fold_rollups()
        order.refresh_from_db()
        assert order.status == Status.LIVE

    def test_old_values_are_locked_in_the_order_in_which_a_check_writes_them(self, key: WriteKey, order: Event) -> None:
        post_batch(key, track_call(), track_call("Product Viewed"))
        process_inbox()
        HourlyDistinctValue.objects.update(hour=timezone.now() - timedelta(days=100))
        with CaptureQueriesContext(
            connection,
        ) as done:
            expire()
        locking = [query["sql"] for query in done if "hourlydistinct" in query["sql"] and "FOR UPDATE" in query["sql"]]
        assert locking
        for sql in locking:
            columns = [part.strip().rsplit(".", 1)[1] for part in sql.rsplit("ORDER BY", 1)[1].split(",")]
            locked_by = [column.split()[0] for column in columns]
            assert locked_by == ['"source_id"', '"environment"', '"hour"', '"kind"', '"value_hash"']
        assert not HourlyDistinctValue.objects.exists()

    def test_what_is_old_is_forgotten(self, key: WriteKey, order: Event, settings: Any) -> None:
        post_batch(key, track_call(), track_call("Product Viewed"))
        process_inbox()
        fold_deltas()
        long_ago = timezone.now() - timedelta(days=100)
        expire()
        assert (Rollup.objects.count(), DedupKey.objects.count(), HourlyDistinctValue.objects.count()) == (2, 2, 2)
        Rollup.objects.update(hour=long_ago)
        DedupRotation.objects.update(rotated_at=long_ago)
        HourlyDistinctValue.objects.update(hour=long_ago)
        QuarantinedBatch.objects.create(
            source=key.source,
            size=0,
            event_count=0,
            body=b"",
            received_at=long_ago,
            attempts=3,
            quarantined_at=long_ago,
        )
        expire()
        assert (DedupKey.objects.count(), EarlierDedupKey.objects.count()) == (0, 2)
        DedupRotation.objects.update(rotated_at=long_ago)
        expire()
        for model in (Rollup, DedupKey, EarlierDedupKey, HourlyDistinctValue, QuarantinedBatch):
            assert not model.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestSideBySide:
    """Several workers at once, each with a connection of its own."""

    def test_two_folds_at_once_fold_once(self, key: WriteKey, order: Event) -> None:
        for _ in range(20):
            post_batch(key, track_call(), track_call("Product Viewed"))
            process_inbox()
        in_threads(fold_deltas, fold_deltas, fold_deltas)
        fold_deltas()

        assert counts_by_verdict() == {"conforming": 20, "undocumented": 20}
        assert Rollup.objects.count() == 2

    def test_checks_at_once_wait_but_never_deadlock(self, key: WriteKey, order: Event, settings: Any) -> None:
        settings.INBOX_CLAIM_BATCHES = 3
        keys = [key, *(create_write_key(SourceFactory.create(slug=f"source-{number}")) for number in range(2))]
        batches = 24
        for number in range(batches):
            names = [f"Name {(number * 7 + each) % 30}" for each in range(15)]
            broken = [track_call(properties={"total": "x", f"key{each}": 1}) for each in range(5)]
            same = [track_call("Same", messageId=f"same-{each}") for each in range(5)]
            post_batch(
                keys[number % 3],
                *(track_call(name) for name in (names if number % 2 else reversed(names))),
                *broken,
                *same,
            )
        answers = in_threads(process_inbox, process_inbox, process_inbox, process_inbox, fold_deltas)

        assert all(isinstance(answer, int) for answer in answers[:4]), answers
        assert not InboxBatch.objects.filter(is_alone=True).exists()
        assert sum(answers[:4]) == batches * 25
        totals = TrafficCount.objects.totals()
        assert totals["count"] == batches * 20 + 3 * 5
        assert totals["count"] + totals["repeats"] == batches * 25
        assert not QuarantinedBatch.objects.exists()

    def test_one_batch_sent_to_two_workers_at_once_is_one_and_a_repeat(
        self, key: WriteKey, order: Event, settings: Any
    ) -> None:
        settings.INBOX_CLAIM_BATCHES = 1
        events = [track_call() for _ in range(200)]
        post_batch(key, *events)
        post_batch(key, *events)
        in_threads(process_inbox, process_inbox)

        totals = TrafficCount.objects.totals()
        assert (totals["count"], totals["repeats"]) == (200, 200)

    def test_a_worker_that_is_merely_slow_keeps_what_it_holds(
        self, key: WriteKey, order: Event, monkeypatch: Any
    ) -> None:
        post_batch(key, track_call())
        claim = claim_batches()
        assert claim is not None
        InboxBatch.objects.update(leased_until=timezone.now() - timedelta(seconds=5))
        inside, go_on = threading.Event(), threading.Event()

        def slow(batch: Any) -> None:
            inside.set()
            go_on.wait(10)

        monkeypatch.setattr(worker, "recorders", lambda: (slow,))

        def meddle() -> None:
            inside.wait(10)
            release_expired_leases()
            go_on.set()

        assert in_threads(lambda: worker.process_claim(claim), meddle) == [1, None]
        assert not InboxBatch.objects.exists()
        assert counts_by_verdict() == {"conforming": 1}


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 26), ("Pacific/Auckland", 27), ("America/New_York", 26), ("Asia/Kolkata", 27)]
)
def test_days_are_those_of_the_reader(key: WriteKey, order: Event, zone: str, day: int) -> None:
    post_batch(key, track_call(), track_call(properties={"total": "x"}))
    process_inbox()
    fold_deltas()
    TrafficCount.objects.get(verdict="conforming")
    Rollup.objects.update(hour=datetime(2026, 11, 26, 19, tzinfo=UTC))
    now = datetime(2026, 11, 27, 18, tzinfo=UTC)
    with timezone.override(zone):
        days = counts_by_day(order, days=3, at=now)
        assert days[-1].day == timezone.localdate(now)
        assert {one.day.day: one.verdicts for one in days if one.total} == {day: {"conforming": 1, "nonconforming": 1}}


def test_a_window_begins_with_a_day_of_the_reader_and_counts_nothing_before_it(key: WriteKey, order: Event) -> None:
    post_batch(key, track_call())
    process_inbox()
    fold_deltas()
    now = datetime(2026, 11, 27, 18, tzinfo=UTC)
    for zone, hour, total in (
        ("Pacific/Auckland", datetime(2026, 11, 26, 11, tzinfo=UTC), 1),  # its 27th, which is 13 hours ahead
        ("Pacific/Auckland", datetime(2026, 11, 26, 10, tzinfo=UTC), 0),
        ("America/New_York", datetime(2026, 11, 26, 5, tzinfo=UTC), 1),
        ("America/New_York", datetime(2026, 11, 26, 4, tzinfo=UTC), 0),
    ):
        Rollup.objects.update(hour=hour)
        with timezone.override(zone):
            assert sum(one.total for one in counts_by_day(order, days=2, at=now)) == total, (zone, hour)
