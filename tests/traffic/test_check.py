"""The check: verdicts, app versions, repeats, caps, what recorders get, and events that we fail ourselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment
from catalog.contract import Contract, Judgement
from catalog.models import Binding, Event, Source, WriteKey
from catalog.resolution.contract_cache import contract_of
from catalog.services.bindings import bind, set_open
from catalog.services.deploys import mark_deploy
from catalog.services.events import rename_event
from tests.factories.catalog import EventFactory, SourceFactory, definition, key_of, next_version
from tests.factories.traffic import check_all, counts, send, track
from tracking.traffic.check import worker
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.quarantine import resend
from tracking.traffic.counts.rollups import fold
from tracking.traffic.models import (
    HourEntry,
    InboxBatch,
    QuarantinedBatch,
    RollupDelta,
    Sample,
    SeenId,
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
    bind(
        gone,
        None,
        shop,
        environments=tuple(Environment),
        since_at=timezone.now() - timedelta(minutes=1),
        by=User.objects.system(),
        at=timezone.now() - timedelta(minutes=1),
    )
    send(
        key,
        track(),
        track(properties={"total": "27.50"}),
        track(properties={"total": 1, "surprise": 1}),
        track("Product Viewed"),
        track("Ticket Scanned"),
        track("Old Thing"),
        track(None),
    )
    assert check_all() == 7

    assert counts() == {
        "conforming": 2,
        "nonconforming": 1,
        "undocumented": 1,
        "wrong_source": 1,
        "retired": 1,
        "unreadable": 1,
    }
    of_order = TrafficCount.objects.of(order)
    assert set(of_order.values_list("version_id", flat=True)) == {order.newest_version_id}
    assert of_order.totals()["warned"] == 1
    assert set(TrafficCount.objects.values_list("app_version", flat=True)) == {"2.4.1"}


def test_an_old_app_is_held_against_the_version_it_was_built_for(key: WriteKey, shop: Source, order: Event) -> None:
    first = order.newest_version
    document = definition("Order Completed")
    document["schema"]["required"] = ["total", "coupon"]
    second = next_version(order, document, sources=[shop])
    bind(
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
        send(key, track(context={"app": {"version": version}}))
    check_all()

    assert counts(app_version="2.4.1", version=first) == {"conforming": 1}
    assert counts(app_version="2.5.0", version=second) == {"nonconforming": 1}


def test_a_version_that_the_event_names_counts_first(key: WriteKey, shop: Source, order: Event) -> None:
    document = definition("Order Completed")
    document["schema"]["required"] = ["total", "coupon"]
    second = next_version(order, document, sources=[shop])
    send(key, track(context={"protocols": {"event_version": str(second.number)}}))
    check_all()

    assert counts(version=second) == {"nonconforming": 1}


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
    send(staging_key, track(), track(context={}))
    InboxBatch.objects.update(received_at=timezone.now() - timedelta(hours=2))
    send(staging_key, track())
    check_all()

    assert counts(app_version="3.0.0") == {"conforming": 2}
    assert counts(app_version="3.1.0") == {"conforming": 1}


def test_a_renamed_event_s_old_name_still_finds_it(key: WriteKey, order: Event) -> None:
    rename_event(order, "Order Paid", by=User.objects.system())
    send(key, track("Order Completed"), track("Order Paid"))
    check_all()

    assert counts() == {"conforming": 2}
    assert TrafficCount.objects.of(order).totals()["count"] == 2


def test_a_page_counts_under_its_name_only_where_that_is_defined(key: WriteKey, shop: Source) -> None:
    EventFactory.create(name="Landing", call="page", sources=[shop], is_live=True)
    page = track(type="page", event=None)
    send(key, page | {"name": "Landing", "messageId": "1"}, page | {"name": "Other", "messageId": "2"}, page)
    check_all()

    assert counts(seen_name__name="Landing", seen_name__call="page") == {"conforming": 1}
    assert counts(seen_name__name="page", seen_name__call="page") == {"undocumented": 2}


def test_traits_are_found_in_the_context_too(staging_key: WriteKey, shop: Source) -> None:
    document = definition("identify", call="identify")
    EventFactory.create(name="identify", call="identify", definition=document, sources=[shop], is_live=True)
    send(
        staging_key,
        {"type": "identify", "userId": 7, "traits": {"total": 1}, "messageId": "1"},
        {"type": "identify", "userId": 7, "context": {"traits": {"total": 1}}, "messageId": "2"},
        {"type": "identify", "userId": 7, "traits": {"total": "1"}, "messageId": "3"},
    )
    check_all()

    assert counts() == {"conforming": 2, "nonconforming": 1}
    assert {sample.event["user_id"] for sample in Sample.objects.all()} == {7}


def test_the_same_id_again_is_a_repeat_and_counted_as_one(key: WriteKey, staging_key: WriteKey, order: Event) -> None:
    event = track()
    send(key, event, event)
    send(staging_key, event)
    check_all()
    send(key, event)
    check_all()

    totals = TrafficCount.objects.filter(environment="production").totals()
    assert (totals["count"], totals["repeats"]) == (1, 2)
    totals = TrafficCount.objects.filter(environment="staging").totals()
    assert (totals["count"], totals["repeats"]) == (1, 0)
    assert Sample.objects.filter(environment="production", is_repeat=True).count() == 2


def test_an_id_may_come_again_after_a_day(key: WriteKey, order: Event) -> None:
    event = track()
    send(key, event)
    check_all()
    SeenId.objects.update(seen_at=timezone.now() - timedelta(hours=24, seconds=1))
    send(key, event)
    check_all()

    assert TrafficCount.objects.totals()["count"] == 2


def test_events_without_an_id_are_never_dropped(key: WriteKey, order: Event) -> None:
    event = track()
    del event["messageId"]
    send(key, event, event, event | {"userId": "other"})
    send(key, event)
    check_all()

    totals = TrafficCount.objects.totals()
    assert (totals["count"], totals["repeats"], totals["possible_repeats"]) == (4, 0, 2)


def test_late_events_are_told_by_the_client_s_own_clock(key: WriteKey, order: Event) -> None:
    late = track(timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-03T10:00:00Z")
    wrong_clock = track(timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-01T10:00:01Z")
    send(key, late, wrong_clock)
    check_all()

    assert TrafficCount.objects.totals()["late"] == 1


def test_names_past_the_cap_are_counted_under_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.EVENT_NAMES_AN_HOUR = 3
    for start in (0, 10):
        send(key, *(track(f"Spam {start + number}") for number in range(5)), track())
        check_all()

    assert counts(seen_name__name="(other)") == {"undocumented": 7}
    assert counts(seen_name__name="Order Completed") == {"conforming": 2}
    assert SeenName.objects.filter(name__startswith="Spam").count() == 3
    assert HourEntry.objects.filter(kind="name").count() == 3


def test_app_versions_past_the_cap_are_counted_under_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.APP_VERSIONS_AN_HOUR = 2
    send(key, *(track(context={"app": {"version": f"1.{number}"}}) for number in range(5)))
    check_all()

    assert counts(app_version="(other)") == {"conforming": 3}
    assert set(TrafficCount.objects.values_list("version_id", flat=True)) == {order.newest_version_id}


def test_one_environment_s_versions_use_up_no_other_s_cap(
    key: WriteKey, staging_key: WriteKey, order: Event, settings: Any
) -> None:
    settings.APP_VERSIONS_AN_HOUR = 2
    send(key, *(track(context={"app": {"version": f"1.{number}"}}) for number in range(5)))
    check_all()
    send(staging_key, track())
    check_all()

    assert counts(app_version="(other)", environment="production") == {"conforming": 3}
    assert counts(app_version="2.4.1", environment="staging") == {"conforming": 1}


def test_samples_are_rings_of_the_newest(staging_key: WriteKey, order: Event, settings: Any) -> None:
    settings.SAMPLES_KEPT = 5
    for number in range(3):
        send(staging_key, *(track(properties={"total": number * 10 + each}) for each in range(4)))
        check_all()
        fold()

    kept = [sample.event["properties"]["total"] for sample in Sample.objects.newest_first()]
    assert kept == [23, 22, 21, 20, 13]


def test_a_sample_outside_production_keeps_what_versions_under_way_say_of_it(
    key: WriteKey, staging_key: WriteKey, shop: Source, order: Event
) -> None:
    schema = {"type": "object", "properties": {"email": {"type": "string", "pattern": "^[a-z]+$"}}}
    coming = next_version(order, definition("Order Completed", schema=schema), sources=[shop])
    set_open(coming, shop, is_open=True)
    for each in (key, staging_key):
        send(each, track(properties={"total": 27.5, "email": "ann@example.com"}))
    check_all()
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
    coming = next_version(order, definition("Order Completed", schema={"type": "object"}), sources=[shop])
    set_open(coming, shop, is_open=True)
    asked: list[int] = []

    def contract(version_id: int, slug: str) -> Contract:
        asked.append(version_id)
        return contract_of(version_id, slug)

    monkeypatch.setattr("tracking.traffic.check.check_results.contract_of", contract)
    send(staging_key, track())
    check_all()
    (event,) = recorded[0].events
    assert Sample.objects.get().second_verdicts == {str(coming.pk): event.judged_by(coming.pk, shop).as_json()}
    assert event.judged_by(event.version_id or 0, shop) is event.judgement
    assert asked == [coming.pk]


def test_recorders_get_one_batch_a_source_and_environment(
    key: WriteKey, staging_key: WriteKey, order: Event, recorded: list[CheckedBatch]
) -> None:
    other = key_of(SourceFactory.create(slug="another"))
    event = track()
    send(key, event, event, track(properties={"total": "secret words"}))
    send(staging_key, track())
    send(other, track())
    send(key, track())
    check_all()

    assert [(batch.source.slug, batch.environment, len(batch.events)) for batch in recorded] == [
        ("web-shop", "production", 4),
        ("web-shop", "staging", 1),
        ("another", "production", 1),
    ]
    production = recorded[0]
    assert [checked.is_repeat for checked in production.events] == [False, True, False, False]
    assert len(production.fresh) == 3
    broken = production.events[2]
    assert broken.event_id == order.pk
    assert broken.version_number == "1.0.0"
    assert broken.masked_event["properties"] == {"total": "xxxxxx xxxxx"}
    assert broken.masked_paths == ("/user_id", "/message_id", "/properties/total")
    assert "secret" not in broken.judgement.violations[0].came
    assert broken.event.properties == {"total": "secret words"}
    assert len({checked.person_hash for checked in production.events}) == 1


def test_a_failing_recorder_takes_everything_back(key: WriteKey, order: Event, monkeypatch: Any, settings: Any) -> None:
    settings.INBOX_RETRY = timedelta(0)

    def fail(batch: CheckedBatch) -> None:
        raise RuntimeError("the recorder has a bug")

    monkeypatch.setattr(worker, "recorders", lambda: (fail,))
    send(key, track())
    assert check_all() == 0

    assert not TrafficCount.objects.exists()
    assert not SeenId.objects.exists()
    assert QuarantinedBatch.objects.get().attempts == 3
    assert "RuntimeError" in QuarantinedBatch.objects.get().reason


class Bug(Exception):
    """Something that we did wrong."""


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A contract that fails on events whose coupon is in the list."""
    coupons = ["BUG"]
    check_rightly = Contract.check

    def check_wrongly(contract: Contract, event: Any) -> Judgement:
        if isinstance(event.properties, dict) and event.properties.get("coupon") in coupons:
            raise Bug("jane@example.com")
        return check_rightly(contract, event)

    monkeypatch.setattr(Contract, "check", check_wrongly)
    return coupons


def test_an_event_that_we_fail_is_unchecked_counted_and_quarantined_alone(
    key: WriteKey, order: Event, bug: list[str], recorded: list[CheckedBatch]
) -> None:
    send(key, track(), track(properties={"total": 1, "coupon": "BUG"}), track(properties={"total": "x"}))
    assert check_all() == 3

    assert counts() == {"conforming": 1, "unchecked": 1, "nonconforming": 1}
    assert len(recorded[0].events) == 2
    kept = QuarantinedBatch.objects.get()
    assert kept.event_count == 1
    assert b"BUG" in bytes(kept.body)
    assert b'"x"' not in bytes(kept.body)
    assert "Bug at" in kept.reason
    assert "jane" not in kept.reason


def test_sending_it_again_moves_the_count_to_its_verdict(key: WriteKey, order: Event, bug: list[str]) -> None:
    event = track(properties={"total": 1, "coupon": "BUG"})
    send(key, track(), event)
    check_all()
    before = TrafficCount.objects.get(verdict="unchecked")
    bug.clear()

    again = resend(QuarantinedBatch.objects.get(), by=User.objects.system())
    assert again.received_at == QuarantinedBatch.objects.get().received_at
    assert counts() == {"conforming": 1, "unchecked": 1}
    assert check_all() == 1

    assert counts() == {"conforming": 2}
    assert set(TrafficCount.objects.values_list("hour", flat=True)) == {before.hour}
    assert QuarantinedBatch.objects.get().resent_at is not None
    send(key, event)
    check_all()
    assert counts() == {"conforming": 2}
    assert TrafficCount.objects.totals()["repeats"] == 1


def test_sent_again_too_early_it_is_unchecked_again_and_counted_once(
    key: WriteKey, order: Event, bug: list[str]
) -> None:
    send(key, track(properties={"total": 1, "coupon": "BUG"}))
    check_all()
    resend(QuarantinedBatch.objects.get(), by=User.objects.system())
    check_all()

    assert counts() == {"unchecked": 1}
    assert QuarantinedBatch.objects.count() == 2
    bug.clear()
    resend(QuarantinedBatch.objects.get(resent_at=None), by=User.objects.system())
    check_all()
    assert counts() == {"conforming": 1}


def test_a_repeat_that_we_fail_is_not_quarantined_again(key: WriteKey, order: Event, bug: list[str]) -> None:
    event = track(properties={"total": 1, "coupon": "BUG"})
    send(key, event, event)
    check_all()

    assert QuarantinedBatch.objects.count() == 1
    assert counts() == {"unchecked": 1}


def test_a_check_asks_a_bounded_number_of_questions(
    key: WriteKey, order: Event, django_assert_max_num_queries: Any, recorded: list[CheckedBatch]
) -> None:
    for _ in range(10):
        send(key, *(track(f"Name {number}") for number in range(20)), *(track() for _ in range(80)))
    with django_assert_max_num_queries(45):
        assert check_all() == 1000
    assert RollupDelta.objects.count() == 21
