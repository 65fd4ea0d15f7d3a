"""The check: verdicts, app versions, names, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment
from catalog.models import Binding, Event, Source, WriteKey
from catalog.services.bindings import bind_source
from catalog.services.deploys import mark_deploy
from catalog.services.events import rename_event
from tests.factories.catalog import EventFactory, SourceFactory, definition, publish_next_version
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.models import InboxBatch, RollupDelta, Sample, TrafficCount

pytestmark = pytest.mark.django_db


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


def test_late_events_are_told_by_the_client_s_own_clock(key: WriteKey, order: Event) -> None:
    late = track_call(timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-03T10:00:00Z")
    wrong_clock = track_call(timestamp="2020-01-01T10:00:00Z", sentAt="2020-01-01T10:00:01Z")
    post_batch(key, late, wrong_clock)
    process_inbox()

    assert TrafficCount.objects.totals()["late"] == 1


def test_a_check_asks_a_bounded_number_of_questions(
    key: WriteKey, order: Event, django_assert_max_num_queries: Any, recorded: list[CheckedBatch]
) -> None:
    for _ in range(10):
        post_batch(key, *(track_call(f"Name {number}") for number in range(20)), *(track_call() for _ in range(80)))
    with django_assert_max_num_queries(45):
        assert process_inbox() == 1000
    assert RollupDelta.objects.count() == 21
