"""Workers that compare the same events at the same moment: each event counts once, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

import psycopg
import pytest
from django.conf import settings
from django.db import transaction

from tests.concurrency import run_behind, run_beside
from tests.live_processes import database_url
from tests.traffic.check.dedup.sent_events import FRESH, REPEAT, REUSED, Marks, Sent, mark
from tests.traffic.counts.test_rollups import in_threads
from tracking.traffic import maintenance_lock
from tracking.traffic.check.dedup import stored_keys
from tracking.traffic.check.dedup.rotation import rotate_keys
from tracking.traffic.models import DedupKey, DedupRotation, EarlierDedupKey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LONG_AGO = NOW - settings.DEDUP_WINDOW - timedelta(hours=1)
EVENTS = [Sent(f"event-{number}") for number in range(50)]


@pytest.fixture(params=[False, True], ids=["added at once", "looked up"])
def expectation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_keys._ExpectedKeys, "likely", request.param)


def check(*events: Sent, at: datetime = NOW) -> list[Marks]:
    """Compare events as a check does, in a transaction of its own."""
    with transaction.atomic():
        maintenance_lock.acquire_shared()
        return mark(events, at=at)


def test_of_two_workers_with_the_same_events_the_second_waits_and_repeats(expectation: None) -> None:
    first, second = run_behind(lambda: check(*EVENTS), lambda: check(Sent("more"), *reversed(EVENTS)))
    assert first == [FRESH] * 50
    assert second == [FRESH, *([REPEAT] * 50)]


def test_of_two_different_events_with_one_id_the_later_one_is_told(expectation: None) -> None:
    first, second = run_behind(lambda: check(Sent("1", 0)), lambda: check(Sent("1", 1), Sent("1", 0)))
    assert (first, second) == ([FRESH], [REUSED, REPEAT])


def test_what_a_killed_worker_stored_was_never_seen(expectation: None) -> None:
    _, second = run_behind(lambda: check(*EVENTS), lambda: check(*EVENTS), then=lambda: transaction.set_rollback(True))
    assert second == [FRESH] * 50
    assert DedupKey.objects.count() == 50


def test_an_id_that_comes_again_after_a_day_counts_once_for_two_workers(expectation: None) -> None:
    check(*EVENTS, at=LONG_AGO)
    first, second = run_behind(lambda: check(*EVENTS), lambda: check(*reversed(EVENTS)))
    assert (first, second) == ([FRESH] * 50, [REPEAT] * 50)
    assert set(DedupKey.objects.values_list("seen_at", flat=True)) == {NOW}


def test_workers_with_other_events_do_not_wait() -> None:
    assert run_beside(lambda: check(*EVENTS), lambda: check(*[Sent(f"other {n}") for n in range(50)])) == [FRESH] * 50


def test_many_workers_in_any_order_count_each_event_once() -> None:
    """Ids that are new, known, past the window and used for other events, in sets that overlap."""
    everything = [Sent(f"event-{number}", content) for number in range(60) for content in range(2)]
    check(*everything[:20], at=LONG_AGO)
    check(*everything[40:60])

    def work(seed: int) -> Counter[tuple[Sent, Marks]]:
        own, found = Random(seed), Counter[tuple[Sent, Marks]]()
        for _ in range(40):
            events = own.sample(everything, 30)
            found.update(zip(events, check(*events), strict=True))
        return found

    answers = in_threads(*[partial(work, seed) for seed in range(4)])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    found = sum(answers, Counter[tuple[Sent, Marks]]())
    counted = Counter({sent: number for (sent, marks), number in found.items() if not marks.is_repeat})
    assert counted == {sent: 1 for sent in everything if sent not in everything[40:60]}


def rotate() -> bool:
    DedupRotation.objects.update_or_create(pk=1, defaults={"rotated_at": LONG_AGO})
    return rotate_keys()


def test_the_tables_change_places_between_two_checks_and_not_within_one() -> None:
    first, second = run_behind(lambda: check(*EVENTS), rotate)
    assert (first, second) == ([FRESH] * 50, True)
    assert (DedupKey.objects.count(), EarlierDedupKey.objects.count()) == (0, 50)
    assert check(*EVENTS, Sent("new")) == [*([REPEAT] * 50), FRESH]
    assert (DedupKey.objects.count(), EarlierDedupKey.objects.count()) == (1, 50)
    # A check that waits for them adds to the table that is then the current one.
    assert run_behind(rotate, lambda: check(Sent("newer"), Sent("new"))) == (True, [FRESH, REPEAT])
    assert (DedupKey.objects.count(), EarlierDedupKey.objects.count()) == (1, 1)


def test_a_used_id_is_known_as_long_as_its_events_though_it_came_first() -> None:
    check(Sent("1", 0))
    rotate()
    assert check(Sent("1", 1)) == [REUSED]
    rotate()
    assert check(Sent("1", 1), Sent("1", 0), Sent("1", 2)) == [REPEAT, REPEAT, REUSED]


def test_tables_that_somebody_reads_stay() -> None:
    check(*EVENTS)
    with psycopg.connect(database_url()) as reader:
        reader.execute("LOCK TABLE traffic_earlierdedupkey IN ACCESS SHARE MODE")
        assert not rotate()
        assert check(*EVENTS) == [REPEAT] * 50
    assert rotate()


def test_nothing_is_forgotten_before_its_time() -> None:
    assert not rotate_keys(), "the window begins with the first look"
    check(*EVENTS)
    assert not rotate_keys()
    DedupRotation.objects.update(rotated_at=LONG_AGO)
    assert rotate_keys() and not rotate_keys()
    assert EarlierDedupKey.objects.count() == 50
