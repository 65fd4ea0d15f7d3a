"""What keys and sources may send: no more than their rate over time, however many processes there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import User
from catalog.models import Source, WriteKey
from catalog.services.sources import update_source
from catalog.services.write_keys import write_key_cache
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import post_batch, post_body, track_call
from tracking.traffic.choices import RefusalReason, ThrottleBound
from tracking.traffic.collect.rate_exchange import RateExchange
from tracking.traffic.collect.rate_limits import MAX_WAIT_SECONDS, RateLimiter, rate_limiter
from tracking.traffic.collect.refusal_log import refusal_log
from tracking.traffic.collect.throttle_log import ThrottleLog, throttle_log
from tracking.traffic.models import InboxBatch, RateUse, RefusedRequest, ThrottledKey
from tracking.traffic.tasks import expire

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def small_rates(settings: Any) -> None:
    """Ten events a second for a key and fifteen for its source, two seconds' worth at once."""
    settings.KEY_EVENTS_PER_SECOND, settings.SOURCE_EVENTS_PER_SECOND = 10, 15
    settings.RATE_BURST_SECONDS = 2


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the collector's buckets, which stands still."""
    clock = Clock()
    monkeypatch.setattr(rate_limiter, "clock", clock)
    return clock


@pytest.fixture(autouse=True)
def empty_log() -> Iterator[None]:
    """Nothing was refused before, nor is it written later."""
    refusal_log.counts.clear()
    yield
    refusal_log.counts.clear()


def post_events(key: WriteKey, count: int) -> int:
    status: int = post_batch(key, *(track_call() for _ in range(count))).status_code
    return status


def throttled() -> list[tuple[int, str, int]]:
    throttle_log.flush()
    return list(ThrottledKey.objects.order_by("write_key", "bound").values_list("write_key", "bound", "requests"))


def test_a_key_that_sends_too_much_waits_as_long_as_it_is_told(key: WriteKey, clock: Clock) -> None:
    assert [post_events(key, 10), post_events(key, 9), post_events(key, 11)] == [200, 200, 200]  # 30, and 20 at once
    answer = post_batch(key, track_call())
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "1"
    assert "events a second of the key" in answer.json()["message"]
    clock.now += 1.01
    assert post_events(key, 1) == 200
    assert InboxBatch.objects.count() == 4


def test_a_body_larger_than_the_bucket_is_taken_once_and_paid_for(key: WriteKey, clock: Clock) -> None:
    assert post_events(key, 100) == 200
    answer = post_batch(key, track_call())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "8")
    clock.now += 7.9
    assert post_events(key, 1) == 503
    clock.now += 0.2
    assert post_events(key, 1) == 200


def test_nobody_is_told_to_wait_longer_than_half_a_minute(key: WriteKey, clock: Clock) -> None:
    post_events(key, 2_000)
    assert post_batch(key, track_call()).headers["Retry-After"] == str(MAX_WAIT_SECONDS)


def test_bytes_count_as_they_are_stored(key: WriteKey, clock: Clock, settings: Any) -> None:
    settings.KEY_BYTES_PER_SECOND = 1_000
    assert post_body(key, {"batch": [track_call(padding="x" * 5_000)]}, is_gzipped=True).status_code == 200
    assert post_events(key, 1) == 503
    assert throttled() == [(key.pk, ThrottleBound.KEY_BYTES, 1)]


def test_one_key_holds_back_no_other_source_and_two_share_their_source(key: WriteKey, clock: Clock) -> None:
    staging, other = create_write_key(key.source, "staging"), create_write_key(SourceFactory.create(slug="other"))
    assert [post_events(key, 20), post_events(key, 1)] == [200, 503]
    assert [post_events(staging, 10), post_events(staging, 1)] == [200, 503]  # of thirty for the source
    assert post_events(other, 10) == 200
    expected = [(key.pk, ThrottleBound.KEY_EVENTS, 1), (staging.pk, ThrottleBound.SOURCE_EVENTS, 1)]
    assert throttled() == expected


def test_a_source_may_have_a_rate_of_its_own(key: WriteKey, clock: Clock) -> None:
    update_source(key.source, by=User.objects.system(), max_events_per_second=100)
    write_key_cache.entries.clear()  # as two seconds later
    assert [post_events(key, 100), post_events(key, 99), post_events(key, 1), post_events(key, 1)] == [200] * 3 + [503]
    update_source(key.source, by=User.objects.system(), max_events_per_second=None)
    write_key_cache.entries.clear()
    assert post_batch(key, track_call()).headers["Retry-After"] == "18"


def test_a_body_whose_key_is_inside_is_held_back_too(key: WriteKey, clock: Clock) -> None:
    assert post_events(key, 25) == 200
    assert post_body("", {"writeKey": key.key, "batch": [track_call()]}).status_code == 503


def test_what_was_not_stored_costs_nothing(key: WriteKey, clock: Clock, settings: Any) -> None:
    settings.INBOX_MAX_BYTES = 1
    for _ in range(5):
        assert post_events(key, 10) == 503
    settings.INBOX_MAX_BYTES = 1_000_000
    assert post_events(key, 10) == 200
    assert throttled() == [(key.pk, ThrottleBound.INBOX_SHARE, 5)]


def test_refusals_are_counted_for_people(key: WriteKey, clock: Clock) -> None:
    post_events(key, 25)
    body = b'{"batch": [{"type": "track"}]}'
    assert [post_body(key, body).status_code for _ in range(3)] == [503] * 3
    throttle_log.flush()
    row = ThrottledKey.objects.get()
    assert (row.requests, row.size, row.write_key) == (3, 3 * len(body), key)
    assert ThrottledKey.objects.now().with_list_data().get().is_now
    refusal_log.flush()
    assert RefusedRequest.objects.values_list("reason", "source", "count").get() == (
        RefusalReason.RATE,
        key.source_id,
        3,
    )


def test_what_goes_on_is_one_row_and_begins_anew_after_ten_quiet_minutes(key: WriteKey) -> None:
    log, noon = ThrottleLog(), timezone.now().replace(microsecond=0)
    for minutes in (0, 9, 18, 40):
        for _ in range(2):
            log.note(key, ThrottleBound.KEY_EVENTS, size=10, at=noon + timedelta(minutes=minutes))
        log.flush()
        row = ThrottledKey.objects.get()
        began, count = (noon + timedelta(minutes=40), 2) if minutes == 40 else (noon, 2 + 2 * minutes // 9)
        assert (row.since, row.requests, row.size) == (began, count, 10 * count)
        assert row.last_at == noon + timedelta(minutes=minutes)


def test_old_rows_go_and_those_of_today_stay(key: WriteKey, settings: Any) -> None:
    throttle_log.note(key, ThrottleBound.KEY_EVENTS, size=1)
    throttle_log.flush()
    expire()
    assert ThrottledKey.objects.exists()
    settings.REFUSAL_RETENTION *= 0
    expire()
    assert not ThrottledKey.objects.exists()


def test_what_cannot_be_written_is_written_later(key: WriteKey) -> None:
    throttle_log.note(key, ThrottleBound.KEY_EVENTS, size=1)
    with connection.execute_wrapper(_fail), pytest.raises(OperationalError):
        throttle_log.flush()
    throttle_log.note(key, ThrottleBound.KEY_EVENTS, size=1)
    assert throttled() == [(key.pk, ThrottleBound.KEY_EVENTS, 2)]


def test_a_key_that_is_gone_does_not_keep_the_others_from_being_written(key: WriteKey) -> None:
    gone = create_write_key(SourceFactory.create(slug="gone"))
    for one in (gone, key):
        throttle_log.note(one, ThrottleBound.KEY_EVENTS, size=1)
    Source.objects.filter(slug="gone").delete()
    assert throttled() == [(key.pk, ThrottleBound.KEY_EVENTS, 1)]


def test_the_defaults_are_never_met_by_what_one_process_can_take(key: WriteKey, clock: Clock, settings: Any) -> None:
    settings.KEY_EVENTS_PER_SECOND, settings.SOURCE_EVENTS_PER_SECOND = 50_000, 100_000
    settings.RATE_BURST_SECONDS = 20
    for _ in range(60):
        rate_limiter.spend(key, event_count=45_000, size=45_000_000)
        clock.now += 1
        assert rate_limiter.exceeded(key) is None


class Process:
    """What a process of the collector holds in memory."""

    def __init__(self, clock: Clock) -> None:
        self.limiter = RateLimiter(clock=clock)
        self.exchange = RateExchange(self.limiter, ThrottleLog())

    def send(self, key: WriteKey, count: int) -> bool:
        """Take a body of so many events, unless the rate is used up."""
        if self.limiter.exceeded(key) is not None:
            return False
        self.limiter.spend(key, event_count=count, size=1)
        return True


def test_two_processes_keep_one_rate(key: WriteKey) -> None:
    clock = Clock()
    processes = [Process(clock), Process(clock)]
    taken = 0
    for _ in range(60):
        for process in processes:
            while process.send(key, 1):
                taken += 1
        for process in processes:
            process.exchange.exchange()
        clock.now += 1
    rate, burst, late = 10, 20, 2 * 20  # what was taken before the first exchange is paid for by the end
    assert 60 * rate <= taken <= 60 * rate + burst + late


def test_a_process_that_took_nothing_hears_of_the_others(key: WriteKey) -> None:
    clock = Clock()
    busy, idle, new = Process(clock), Process(clock), Process(clock)
    assert idle.send(key, 1) and busy.send(key, 40)
    busy.exchange.exchange()
    for _ in range(3):  # heard of once, however often it is read
        idle.exchange.exchange()
        busy.exchange.exchange()
    exceeded = idle.limiter.exceeded(key)
    assert exceeded is not None and exceeded.retry_after == 3  # 41 of 20 at 10 a second
    new.limiter.exceeded(key)
    new.exchange.exchange()
    assert new.limiter.exceeded(key) is not None


def test_what_cannot_be_told_is_told_later(key: WriteKey) -> None:
    clock = Clock()
    one, other = Process(clock), Process(clock)
    assert one.send(key, 40) and other.send(key, 1)
    with connection.execute_wrapper(_fail), pytest.raises(OperationalError):
        one.exchange.exchange()
    one.exchange.exchange()
    other.exchange.exchange()
    assert other.limiter.exceeded(key) is not None


def test_whoever_sends_little_costs_no_writes(key: WriteKey, settings: Any) -> None:
    settings.KEY_EVENTS_PER_SECOND = settings.SOURCE_EVENTS_PER_SECOND = 1_000
    process = Process(Clock())
    for _ in range(9):
        assert process.send(key, 10)
        process.exchange.exchange()
    assert not RateUse.objects.exists()
    assert process.send(key, 10)
    process.exchange.exchange()
    assert RateUse.objects.filter(bound=ThrottleBound.KEY_EVENTS).get().amount == 100


def _fail(*arguments: Any) -> None:
    raise OperationalError("the disk is full")
