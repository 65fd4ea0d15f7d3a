"""The check: verdicts, app versions, repeats, caps, what recorders get, and events that we fail ourselves."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from accounts.models import User
from catalog.choices import Environment
from catalog.contract import Contract, ValidationResult
from catalog.models import Binding, Event, Source, WriteKey
from catalog.resolution.contract_cache import get_contract
from catalog.services.bindings import bind_source, set_delivery_open
from catalog.services.deploys import mark_deploy
from catalog.services.events import rename_event
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition, publish_next_version
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.traffic.check import worker
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.quarantine import resend_quarantined
from tracking.traffic.check.unchecked_events import MAX_QUARANTINED_ALONE
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import (
    DedupKey,
    HourlyDistinctValue,
    InboxBatch,
    QuarantinedBatch,
    RollupDelta,
    Sample,
    SeenName,
    TrafficCount,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[CheckedBatch]:
    """What recorders got, in the order they got it."""
    batches: list[CheckedBatch] = []
    monkeypatch.setattr(worker, "recorders", lambda: (batches.append,))
    return batches


def test_each_verdict_is_counted_under_its_version(key: WriteKey, shop: Source, order: Event) -> None:
    elsewhere = SourceFactory.create(slug="ios-app")
    EventFactory.create(name="Ticket Scanned", sources=[elsewhere], is_live=True)
    gone = EventFactory.create(name="Old Thing", sources=[shop], is_live=True)
    bind_source(
        gone,
        None,
        shop,
        environments=tuple(Environment),
        since_at=timezone.now() - timedelta(minutes=1),
        by=User.objects.system(),
        at=timezone.now() - timedelta(minutes=1),
    )
    post_batch(
        key,
        track_call(),
        track_call(properties={"total": "27.50"}),
        track_call(properties={"total": 1, "surprise": 1}),
        track_call("Product Viewed"),
        track_call("Ticket Scanned"),
        track_call("Old Thing"),
        track_call(None),
    )
    assert process_inbox() == 7

    assert counts_by_verdict() == {
        "conforming": 2,
        "nonconforming": 1,
        "undocumented": 1,
        "wrong_source": 1,
        "retired": 1,
        "unreadable": 1,
    }
    of_order = TrafficCount.objects.of_event(order)
    assert set(of_order.values_list("version_id", flat=True)) == {order.newest_version_id}
    assert of_order.totals()["warned"] == 1
    assert set(TrafficCount.objects.values_list("app_version", flat=True)) == {"2.4.1"}


def test_an_old_app_is_held_against_the_version_it_was_built_for(key: WriteKey, shop: Source, order: Event) -> None:
    first = order.newest_version
    document = definition("Order Completed")
    document["schema"]["required"] = ["total", "coupon"]
    second = publish_next_version(order, document, sources=[shop])
    bind_source(
        order,
        second,
        shop,
        environments=tuple(Environment),
        since_version="2.5.0",
        by=User.objects.system(),
        at=timezone.now() - timedelta(seconds=5),
    )
    Binding.objects.filter(version=first).update(written_at=timezone.now() - timedelta(days=1))

    for version in ("2.4.1", "2.5.0"):
        post_batch(key, track_call(context={"app": {"version": version}}))
    process_inbox()

    assert counts_by_verdict(app_version="2.4.1", version=first) == {"conforming": 1}
    assert counts_by_verdict(app_version="2.5.0", version=second) == {"nonconforming": 1}


def test_a_version_that_the_event_names_counts_first(key: WriteKey, shop: Source, order: Event) -> None:
    document = definition("Order Completed")
    document["schema"]["required"] = ["total", "coupon"]
    second = publish_next_version(order, document, sources=[shop])
    post_batch(key, track_call(context={"protocols": {"event_version": str(second.number)}}))
    process_inbox()

    assert counts_by_verdict(version=second) == {"nonconforming": 1}


def test_deploy_markers_date_events_that_name_no_version(staging_key: WriteKey, shop: Source, order: Event) -> None:
    Source.objects.filter(pk=shop.pk).update(version_from="deploys")
    shop.refresh_from_db()
    for version, hours in (("3.0.0", 5), ("3.1.0", 1)):
        mark_deploy(
            shop,
            environment="staging",
            version=version,
            by=User.objects.system(),
            at=timezone.now() - timedelta(hours=hours),
        )
    Binding.objects.update(written_at=timezone.now() - timedelta(days=1))
    post_batch(staging_key, track_call(), track_call(context={}))
    InboxBatch.objects.update(received_at=timezone.now() - timedelta(hours=2))
    post_batch(staging_key, track_call())
    process_inbox()

    assert counts_by_verdict(app_version="3.0.0") == {"conforming": 2}
    assert counts_by_verdict(app_version="3.1.0") == {"conforming": 1}


def test_a_renamed_event_s_old_name_still_finds_it(key: WriteKey, order: Event) -> None:
    rename_event(order, "Order Paid", by=User.objects.system())
    post_batch(key, track_call("Order Completed"), track_call("Order Paid"))
    process_inbox()

    assert counts_by_verdict() == {"conforming": 2}
    assert TrafficCount.objects.of_event(order).totals()["count"] == 2


def test_a_page_counts_under_its_name_only_where_that_is_defined(key: WriteKey, shop: Source) -> None:
    EventFactory.create(name="Landing", call="page", sources=[shop], is_live=True)
    page = track_call(type="page", event=None)
    post_batch(key, page | {"name": "Landing", "messageId": "1"}, page | {"name": "Other", "messageId": "2"}, page)
    process_inbox()

    assert counts_by_verdict(seen_name__name="Landing", seen_name__call="page") == {"conforming": 1}
    assert counts_by_verdict(seen_name__name="page", seen_name__call="page") == {"undocumented": 2}


def test_traits_are_found_in_the_context_too(staging_key: WriteKey, shop: Source) -> None:
    document = definition("identify", call="identify")
    EventFactory.create(name="identify", call="identify", definition=document, sources=[shop], is_live=True)
    post_batch(
        staging_key,
        {"type": "identify", "userId": 7, "traits": {"total": 1}, "messageId": "1"},
        {"type": "identify", "userId": 7, "context": {"traits": {"total": 1}}, "messageId": "2"},
        {"type": "identify", "userId": 7, "traits": {"total": "1"}, "messageId": "3"},
    )
    process_inbox()

    assert counts_by_verdict() == {"conforming": 2, "nonconforming": 1}
    assert {sample.event["user_id"] for sample in Sample.objects.all()} == {7}


def test_the_same_id_again_is_a_repeat_and_counted_as_one(key: WriteKey, staging_key: WriteKey, order: Event) -> None:
    event = track_call()
    post_batch(key, event, event)
    post_batch(staging_key, event)
    process_inbox()
    post_batch(key, event)
    process_inbox()

    totals = TrafficCount.objects.filter(environment="production").totals()
    assert (totals["count"], totals["repeats"]) == (1, 2)
    totals = TrafficCount.objects.filter(environment="staging").totals()
    assert (totals["count"], totals["repeats"]) == (1, 0)
    assert Sample.objects.filter(environment="production", is_repeat=True).count() == 2


def test_an_id_may_come_again_after_a_day(key: WriteKey, order: Event) -> None:
    event = track_call()
    post_batch(key, event)
    process_inbox()
    DedupKey.objects.update(seen_at=timezone.now() - timedelta(hours=24, seconds=1))
    post_batch(key, event)
    process_inbox()

    assert TrafficCount.objects.totals()["count"] == 2


def test_events_without_an_id_are_never_dropped(key: WriteKey, order: Event) -> None:
    event = track_call()
    del event["messageId"]
    post_batch(key, event, event, event | {"userId": "other"})
    post_batch(key, event)
    process_inbox()

    totals = TrafficCount.objects.totals()
    assert (totals["count"], totals["repeats"], totals["possible_repeats"]) == (4, 0, 2)


def test_late_events_are_told_by_the_client_s_own_clock(key: WriteKey, order: Event) -> None:
    late = track_call(timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-03T10:00:00Z")
    wrong_clock = track_call(timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-01T10:00:01Z")
    post_batch(key, late, wrong_clock)
    process_inbox()

    assert TrafficCount.objects.totals()["late"] == 1


def test_names_past_the_cap_are_counted_under_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.MAX_EVENT_NAMES_PER_HOUR = 3
    for start in (0, 10):
        post_batch(key, *(track_call(f"Spam {start + number}") for number in range(5)), track_call())
        process_inbox()

    assert counts_by_verdict(seen_name__name="(other)") == {"undocumented": 7}
    assert counts_by_verdict(seen_name__name="Order Completed") == {"conforming": 2}
    assert SeenName.objects.filter(name__startswith="Spam").count() == 3
    assert HourlyDistinctValue.objects.filter(kind="name").count() == 3


def test_app_versions_past_the_cap_are_counted_under_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.MAX_APP_VERSIONS_PER_HOUR = 2
    post_batch(key, *(track_call(context={"app": {"version": f"1.{number}"}}) for number in range(5)))
    process_inbox()

    assert counts_by_verdict(app_version="(other)") == {"conforming": 3}
    assert set(TrafficCount.objects.values_list("version_id", flat=True)) == {order.newest_version_id}


def test_one_environment_s_versions_use_up_no_other_s_cap(
    key: WriteKey, staging_key: WriteKey, order: Event, settings: Any
) -> None:
    settings.MAX_APP_VERSIONS_PER_HOUR = 2
    post_batch(key, *(track_call(context={"app": {"version": f"1.{number}"}}) for number in range(5)))
    process_inbox()
    post_batch(staging_key, track_call())
    process_inbox()

    assert counts_by_verdict(app_version="(other)", environment="production") == {"conforming": 3}
    assert counts_by_verdict(app_version="2.4.1", environment="staging") == {"conforming": 1}


def test_samples_are_rings_of_the_newest(staging_key: WriteKey, order: Event, settings: Any) -> None:
    settings.SAMPLES_KEPT = 5
    for number in range(3):
        post_batch(staging_key, *(track_call(properties={"total": number * 10 + each}) for each in range(4)))
        process_inbox()
        fold_deltas()

    kept = [sample.event["properties"]["total"] for sample in Sample.objects.newest_first()]
    assert kept == [23, 22, 21, 20, 13]


def test_a_sample_outside_production_keeps_what_versions_under_way_say_of_it(
    key: WriteKey, staging_key: WriteKey, shop: Source, order: Event
) -> None:
    schema = {"type": "object", "properties": {"email": {"type": "string", "pattern": "^[a-z]+$"}}}
    coming = publish_next_version(order, definition("Order Completed", schema=schema), sources=[shop])
    set_delivery_open(coming, shop, is_open=True)
    for each in (key, staging_key):
        post_batch(each, track_call(properties={"total": 27.5, "email": "ann@example.com"}))
    process_inbox()
    sample = Sample.objects.get(environment=Environment.STAGING)
    assert (sample.verdict, sample.version_id == coming.pk) == ("conforming", False)
    second = sample.second_verdicts[str(coming.pk)]
    assert second["verdict"] == "nonconforming"
    broken = {found["rule"]: found for found in second["violations"]}
    assert broken["pattern"]["came"] == '"xxx@xxxxxxx.xxx"'
    assert Sample.objects.get(environment=Environment.PRODUCTION).second_verdicts == {}


def test_a_version_under_way_is_asked_once_for_its_sample_and_for_recorders(
    staging_key: WriteKey, shop: Source, order: Event, recorded: list[CheckedBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    coming = publish_next_version(order, definition("Order Completed", schema={"type": "object"}), sources=[shop])
    set_delivery_open(coming, shop, is_open=True)
    asked: list[int] = []

    def contract(version_id: int, slug: str) -> Contract:
        asked.append(version_id)
        return get_contract(version_id, slug)

    monkeypatch.setattr("tracking.traffic.check.check_results.get_contract", contract)
    post_batch(staging_key, track_call())
    process_inbox()
    (event,) = recorded[0].events
    assert Sample.objects.get().second_verdicts == {str(coming.pk): event.validated_against(coming.pk, shop).as_json()}
    assert event.validated_against(event.version_id or 0, shop) is event.result
    assert asked == [coming.pk]


def test_recorders_get_one_batch_a_source_and_environment(
    key: WriteKey, staging_key: WriteKey, order: Event, recorded: list[CheckedBatch]
) -> None:
    other = create_write_key(SourceFactory.create(slug="another"))
    event = track_call()
    post_batch(key, event, event, track_call(properties={"total": "secret words"}))
    post_batch(staging_key, track_call())
    post_batch(other, track_call())
    post_batch(key, track_call())
    process_inbox()

    assert [(batch.source.slug, batch.environment, len(batch.events)) for batch in recorded] == [
        ("web-shop", "production", 4),
        ("web-shop", "staging", 1),
        ("another", "production", 1),
    ]
    production = recorded[0]
    assert [checked.is_repeat for checked in production.events] == [False, True, False, False]
    assert len(production.deduplicated) == 3
    broken = production.events[2]
    assert broken.event_id == order.pk
    assert broken.version_number == "1.0.0"
    assert broken.masked_event["properties"] == {"total": "xxxxxx xxxxx"}
    assert broken.masked_paths == ("/user_id", "/message_id", "/properties/total")
    assert "secret" not in broken.result.violations[0].came
    assert broken.event.properties == {"total": "secret words"}
    assert len({checked.person_hash for checked in production.events}) == 1


def test_a_failing_recorder_takes_everything_back(key: WriteKey, order: Event, monkeypatch: Any, settings: Any) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)

    def fail(batch: CheckedBatch) -> None:
        raise RuntimeError("the recorder has a bug")

    monkeypatch.setattr(worker, "recorders", lambda: (fail,))
    post_batch(key, track_call())
    assert process_inbox() == 0

    assert not TrafficCount.objects.exists()
    assert not DedupKey.objects.exists()
    assert QuarantinedBatch.objects.get().attempts == 3
    assert "RuntimeError" in QuarantinedBatch.objects.get().reason


class Bug(Exception):
    """Something that we did wrong."""


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A contract that fails on events whose coupon is in the list."""
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


def test_a_check_asks_a_bounded_number_of_questions(
    key: WriteKey, order: Event, django_assert_max_num_queries: Any, recorded: list[CheckedBatch]
) -> None:
    for _ in range(10):
        post_batch(key, *(track_call(f"Name {number}") for number in range(20)), *(track_call() for _ in range(80)))
    with django_assert_max_num_queries(45):
        assert process_inbox() == 1000
    assert RollupDelta.objects.count() == 21
