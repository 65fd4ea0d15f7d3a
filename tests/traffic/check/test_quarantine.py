"""Events that we fail ourselves: they are unchecked, quarantined, and sent again."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from accounts.models import User
from catalog.contract import Contract, ValidationResult
from catalog.models import Event, Source, WriteKey
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.quarantine import resend_quarantined
from tracking.traffic.check.unchecked_events import MAX_QUARANTINED_ALONE
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import QuarantinedBatch, RollupDelta, Sample, SeenName, TrafficCount

pytestmark = pytest.mark.django_db


class Bug(Exception):
    """Something that we did wrong."""


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """A contract that fails on events whose coupon is in the list, where it is asked: on the ordinary way."""
    settings.CHECK_FAST_PATH = False
    coupons = ["BUG"]
    check_rightly = Contract.check

    def check_wrongly(contract: Contract, event: Any) -> ValidationResult:
        if isinstance(event.properties, dict) and event.properties.get("coupon") in coupons:
            raise Bug("jane@example.com")
        return check_rightly(contract, event)

    monkeypatch.setattr(Contract, "check", check_wrongly)
    return coupons


def test_an_event_that_we_fail_is_unchecked_counted_and_quarantined_alone(
    key: WriteKey, order: Event, bug: list[str], recorded: list[CheckedBatch]
) -> None:
    post_batch(
        key, track_call(), track_call(properties={"total": 1, "coupon": "BUG"}), track_call(properties={"total": "x"})
    )
    assert process_inbox() == 3

    assert counts_by_verdict() == {"conforming": 1, "unchecked": 1, "nonconforming": 1}
    assert len(recorded[0].events) == 2
    kept = QuarantinedBatch.objects.get()
    assert kept.event_count == 1
    assert b"BUG" in bytes(kept.body)
    assert b'"x"' not in bytes(kept.body)
    assert "Bug at" in kept.reason
    assert "jane" not in kept.reason


def test_sending_it_again_moves_the_count_to_its_verdict(key: WriteKey, order: Event, bug: list[str]) -> None:
    event = track_call(properties={"total": 1, "coupon": "BUG"})
    post_batch(key, track_call(), event)
    process_inbox()
    before = TrafficCount.objects.get(verdict="unchecked")
    bug.clear()

    again = resend_quarantined(QuarantinedBatch.objects.get(), by=User.objects.system())
    assert again.received_at == QuarantinedBatch.objects.get().received_at
    assert counts_by_verdict() == {"conforming": 1, "unchecked": 1}
    assert process_inbox() == 1

    assert counts_by_verdict() == {"conforming": 2}
    assert set(TrafficCount.objects.values_list("hour", flat=True)) == {before.hour}
    assert QuarantinedBatch.objects.get().resent_at is not None
    post_batch(key, event)
    process_inbox()
    assert counts_by_verdict() == {"conforming": 2}
    assert TrafficCount.objects.totals()["repeats"] == 1


def test_sent_again_too_early_it_is_unchecked_again_and_counted_once(
    key: WriteKey, order: Event, bug: list[str]
) -> None:
    post_batch(key, track_call(properties={"total": 1, "coupon": "BUG"}))
    process_inbox()
    resend_quarantined(QuarantinedBatch.objects.get(), by=User.objects.system())
    process_inbox()

    assert counts_by_verdict() == {"unchecked": 1}
    assert QuarantinedBatch.objects.count() == 2
    bug.clear()
    resend_quarantined(QuarantinedBatch.objects.get(resent_at=None), by=User.objects.system())
    process_inbox()
    assert counts_by_verdict() == {"conforming": 1}


def test_a_repeat_that_we_fail_is_not_quarantined_again(key: WriteKey, order: Event, bug: list[str]) -> None:
    event = track_call(properties={"total": 1, "coupon": "BUG"})
    post_batch(key, event, event)
    process_inbox()

    assert QuarantinedBatch.objects.count() == 1
    assert counts_by_verdict() == {"unchecked": 1}


def broken_calls(number: int, **fields: Any) -> list[dict[str, Any]]:
    """Events that the bug fails, the newest of two app versions."""
    return [
        track_call(properties={"total": n, "coupon": "BUG"}, context={"app": {"version": f"2.{n % 2}.0"}}, **fields)
        for n in range(number)
    ]


def test_a_few_events_that_we_fail_are_kept_alone_and_more_of_a_batch_in_one_row(
    key: WriteKey, order: Event, bug: list[str]
) -> None:
    post_batch(key, *broken_calls(MAX_QUARANTINED_ALONE))
    post_batch(key, track_call(), *broken_calls(MAX_QUARANTINED_ALONE + 1), track_call())
    with capture_logs() as logs:
        process_inbox()

    counts = [row.event_count for row in QuarantinedBatch.objects.order_by("id")]
    assert counts == [1] * MAX_QUARANTINED_ALONE + [MAX_QUARANTINED_ALONE + 1]
    assert [(line["events"], len(line["quarantined"])) for line in logs if line["log_level"] == "error"] == [
        (MAX_QUARANTINED_ALONE, MAX_QUARANTINED_ALONE),
        (MAX_QUARANTINED_ALONE + 1, 1),
    ]
    assert f"({MAX_QUARANTINED_ALONE + 1} events)" in QuarantinedBatch.objects.latest("id").reason
    assert counts_by_verdict() == {"conforming": 2, "unchecked": 2 * MAX_QUARANTINED_ALONE + 1}


def test_many_that_are_sent_again_together_move_to_their_verdicts(
    key: WriteKey, shop: Source, order: Event, bug: list[str]
) -> None:
    Source.objects.filter(pk=shop.pk).update(version_from="payload", version_path="/context/app/version")
    old = (timezone.now() - timedelta(days=9)).isoformat()
    late_and_alike = [track_call(properties={"total": 1, "coupon": "BUG"}, timestamp=old, messageId=None)] * 2
    on_time = broken_calls(6, timestamp=timezone.now().isoformat())
    malformed = on_time[0] | {"messageId": "m", "properties": {"total": float("nan"), "coupon": "BUG"}}
    post_body(key, {"batch": [*on_time, *late_and_alike, malformed]})
    process_inbox()
    before = TrafficCount.objects.totals()
    assert (before["count"], before["late"], before["possible_repeats"]) == (9, 2, 1)

    for expected in ({"unchecked": 9}, {"conforming": 8, "nonconforming": 1}):
        resend_quarantined(QuarantinedBatch.objects.get(resent_at=None), by=User.objects.system())
        if "conforming" in expected:
            bug.clear()
        process_inbox()
        assert counts_by_verdict() == expected
        totals = TrafficCount.objects.totals()
        assert (totals["count"], totals["late"], totals["possible_repeats"]) == (9, 2, 1)
    fold_deltas()
    empty = TrafficCount.objects.filter(verdict="unchecked")
    assert {(row.count, row.late, row.possible_repeats) for row in empty} == {(0, 0, 0)}
    assert {row.app_version for row in TrafficCount.objects.filter(count__gt=0)} == {"2.0.0", "2.1.0", "2.4.1"}
    assert Sample.objects.get(verdict="nonconforming").violations[0]["rule"] == "malformed"


@pytest.mark.parametrize("is_noted", [True, False], ids=["as it is noted now", "as it was noted before"])
def test_what_cannot_be_dated_moves_to_its_verdict_too(
    key: WriteKey, order: Event, bug: list[str], is_noted: bool
) -> None:
    old = (timezone.now() - timedelta(days=90)).isoformat()
    post_body(key, {"batch": [track_call(properties={"total": 1, "coupon": "BUG"}, timestamp=old)]})
    process_inbox()
    assert TrafficCount.objects.totals()["undated"] == 1
    kept = QuarantinedBatch.objects.get()
    assert kept.counted is not None
    assert kept.counted["counts"][0][2:] == [1, 1, 0, 1]  # events, late, possible repeats, undated
    if not is_noted:
        RollupDelta.objects.update(undated=0)
        kept.counted["counts"][0].pop()
        kept.save()
    bug.clear()
    resend_quarantined(kept, by=User.objects.system())
    process_inbox()
    fold_deltas()
    rows = TrafficCount.objects.order_by("verdict").values_list("verdict", "count", "undated")
    assert list(rows) == [("conforming", 1, 1), ("unchecked", 0, 0)]


def test_an_event_quarantined_before_rows_held_several_is_still_sent_again(
    key: WriteKey, order: Event, bug: list[str]
) -> None:
    post_batch(key, track_call(properties={"total": 1, "coupon": "BUG"}))
    process_inbox()
    seen = SeenName.objects.get(name="Order Completed")
    QuarantinedBatch.objects.update(
        counted={"seen_name": seen.pk, "app_version": "", "faults": [["/properties/total", "not a number"]]}
    )
    bug.clear()
    resend_quarantined(QuarantinedBatch.objects.get(), by=User.objects.system())
    process_inbox()
    assert counts_by_verdict() == {"nonconforming": 1}


def test_a_fault_of_ours_in_a_whole_body_costs_time_in_proportion(key: WriteKey, order: Event, bug: list[str]) -> None:
    def seconds_for(number: int) -> float:
        post_batch(key, *broken_calls(number))
        started = time.process_time()
        process_inbox()
        return time.process_time() - started

    seconds_for(100)
    few, many = seconds_for(300), seconds_for(3_000)
    assert many < 30 * few + 0.5
    assert many < 10
    assert QuarantinedBatch.objects.count() == 3
