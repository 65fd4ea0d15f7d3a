"""Profiles of what really came: from the collector over the check to the fold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.models import Event, Source, WriteKey
from tests.concurrency import run_beside
from tests.factories.catalog import create_write_key, definition, publish_next_version
from tests.factories.traffic import post_batch, post_body, process_inbox, track_call
from tests.profiling.conftest import SCHEMA
from tracking.profiling.event_profile import EventProfile
from tracking.profiling.event_profiles import profile_of_event
from tracking.profiling.models import DailyProfile, ProfileDelta
from tracking.profiling.profile_delta import ProfileKey, pack_delta, unpack_delta
from tracking.profiling.profile_folding import delete_expired_profiles, fold_profile_deltas
from tracking.profiling.tasks import expire_profiles, fold_profiles
from tracking.traffic.check.quarantine import quarantine_batch, resend_quarantined
from tracking.traffic.models import InboxBatch

TOTAL = "/properties/total"


def order_call(version: str = "2.4.1", **fields: Any) -> dict[str, Any]:
    context = {"app": {"version": version}}
    return track_call("Order Completed", **{"context": context, "properties": {"total": 1.5}} | fields)


def send(key: WriteKey, *events: dict[str, Any]) -> None:
    assert post_batch(key, *events).status_code == 200
    process_inbox()


def total_of(event: Event, **options: Any) -> EventProfile:
    return profile_of_event(event, **{"days": 7} | options)


def test_what_came_is_counted_by_property(key: WriteKey, order: Event) -> None:
    send(
        key,
        order_call(properties={"total": 2.5, "plan": "free"}, userId="u-1001"),
        order_call(properties={"total": 2.5, "plan": "gold", "coupon": None}, userId="u-1002"),
        order_call(properties={"total": "2.5"}, userId="u-1002"),
    )
    assert fold_profiles() == 1
    profile = total_of(order)
    assert (profile.events, profile.people_count) == (3, 2)
    total, plan = profile.properties[TOTAL], profile.properties["/properties/plan"]
    assert (total.parents, total.present, total.wrong_type) == (3, 3, 1)
    assert plan.values == {'"free"': 1, "(other)": 1}
    assert profile.properties["/properties/coupon"].null == 1


def test_bytes_are_those_of_the_events_as_they_came(key: WriteKey, order: Event) -> None:
    event = b'{"type": "track", "event":"Order Completed", "userId": "u-1", "messageId":"m-1","properties":{"total":1}}'
    body = b'{"batch": [' + event + b"," + event.replace(b"m-1", b"m-2") + b"]}"
    assert post_body(key, body).status_code == 200
    process_inbox()
    fold_profiles()
    assert total_of(order).byte_count == 2 * len(event)
    assert total_of(order).mean_bytes == len(event)


def test_sums_go_over_checks_folds_sources_and_app_versions(
    key: WriteKey, shop: Source, ios: Source, order: Event
) -> None:
    other_key = create_write_key(ios, "production")
    for version in ("2.4.1", "2.5.0", "2.4.1"):
        send(key, order_call(version), order_call(version))
        fold_profiles()
    send(other_key, order_call("9.0"))
    send(other_key, order_call("9.0"))
    assert fold_profiles() == 2
    assert total_of(order).events == total_of(order).properties[TOTAL].parents
    assert total_of(order, source=shop).events == 6
    assert total_of(order, app_version="2.4.1").events == 4
    assert total_of(order, app_version="2.5.0", source=shop).events == 2
    assert total_of(order, environment="staging").events == 0
    assert DailyProfile.objects.filter(source=shop).count() == 2


def test_two_versions_of_an_event_share_their_profile(shop: Source, key: WriteKey, order: Event) -> None:
    send(key, order_call())
    schema = SCHEMA | {"properties": SCHEMA["properties"] | {"currency": {"type": "string"}}}
    publish_next_version(order, definition("Order Completed", schema=schema), sources=[shop])
    send(key, order_call(properties={"total": 1, "currency": "EUR"}))
    fold_profiles()
    assert total_of(order).properties[TOTAL].parents == 2


def test_repeats_unknown_events_and_history_of_long_ago_are_not_counted(key: WriteKey, order: Event) -> None:
    event = order_call()
    send(key, event, event)
    send(key, event, track_call("Nobody Knows"))
    old = order_call(timestamp="2019-01-01T00:00:00Z")
    assert post_body(key, {"batch": [old]}, path="/v1/import").status_code == 200
    process_inbox()
    fold_profiles()
    assert DailyProfile.objects.count() == 1
    assert total_of(order).events == 1


def test_events_are_counted_on_the_day_on_which_they_happened(key: WriteKey, order: Event) -> None:
    now = timezone.now()
    late = order_call(timestamp=(now - timedelta(days=2)).isoformat())
    assert post_body(key, {"batch": [late, order_call(timestamp=now.isoformat())], "sentAt": now.isoformat()})
    process_inbox()
    fold_profiles()
    days = sorted(DailyProfile.objects.values_list("day", flat=True))
    assert len(days) == 2 and days[1] - days[0] == timedelta(days=2)
    assert total_of(order, days=1).events == 1
    assert total_of(order, days=7).events == 2


def test_what_is_sent_again_from_quarantine_is_counted_once_it_is_checked(key: WriteKey, order: Event) -> None:
    post_batch(key, order_call(), order_call())
    waiting = InboxBatch.objects.get()
    quarantined = quarantine_batch(waiting, reason="We failed.")
    waiting.delete()
    assert fold_profiles() == 0
    resend_quarantined(quarantined, by=User.objects.system())
    process_inbox()
    fold_profiles()
    assert total_of(order).events == 2


def test_new_app_versions_past_the_limit_share_one_row(key: WriteKey, order: Event, settings: Any) -> None:
    settings.PROFILE_MAX_ROWS = 3
    send(key, order_call("1.0"), order_call("1.1"))
    fold_profiles()
    send(key, *(order_call(f"3.{number}") for number in range(6)), order_call("1.0"))
    fold_profiles()
    send(key, order_call("4.0"), order_call("1.1"))
    fold_profiles()
    rows = dict(DailyProfile.objects.values_list("app_version", "events"))
    assert rows.pop("3.0") == 1
    assert rows == {"1.0": 2, "1.1": 2, "(other)": 6}
    assert total_of(order).properties[TOTAL].parents == 11


def test_a_source_past_the_limit_takes_no_room_of_another(
    key: WriteKey, ios: Source, order: Event, settings: Any
) -> None:
    settings.PROFILE_MAX_ROWS = 1
    other_key = create_write_key(ios, "production")
    send(key, order_call("1.0"), order_call("1.1"))
    send(other_key, order_call("1.0"))
    fold_profiles()
    assert set(DailyProfile.objects.filter(source=ios).values_list("app_version", flat=True)) == {"1.0"}


def test_what_is_of_an_event_that_is_gone_by_the_fold_is_left_out(key: WriteKey, order: Event) -> None:
    send(key, order_call())
    delta = ProfileDelta.objects.get()
    ((profile_key, profile),) = unpack_delta(bytes(delta.profiles))
    gone = ProfileKey(profile_key.day, 10**9, profile_key.app_version)
    delta.profiles = pack_delta({profile_key: profile, gone: profile})
    delta.save()
    assert fold_profiles() == 1
    assert list(DailyProfile.objects.values_list("event", flat=True)) == [order.pk]


def test_what_is_of_a_source_that_is_gone_by_the_fold_is_left_out(key: WriteKey, order: Event) -> None:
    send(key, order_call())
    ProfileDelta.objects.update(source_id=10**9)
    assert fold_profiles() == 1
    assert not DailyProfile.objects.exists()


def test_days_past_their_time_are_deleted(key: WriteKey, order: Event, settings: Any) -> None:
    send(key, order_call())
    fold_profiles()
    assert expire_profiles() == 0
    assert delete_expired_profiles(at=timezone.now() + settings.PROFILE_RETENTION + timedelta(days=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_fold_beside_another_does_nothing_and_waits_for_nobody(key: WriteKey, order: Event) -> None:
    send(key, order_call())
    assert run_beside(fold_profile_deltas, fold_profile_deltas) == 0
    assert total_of(order).events == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_checked_during_a_fold_is_in_the_next(key: WriteKey, order: Event) -> None:
    send(key, order_call())
    run_beside(fold_profile_deltas, lambda: send(key, order_call()))
    assert total_of(order).events == 1
    fold_profiles()
    assert total_of(order).events == 2


def test_a_check_that_fails_leaves_no_profile(key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.traffic.check.worker._store_samples", _fail)
    send(key, order_call())
    assert not ProfileDelta.objects.exists()


def _fail(samples: object) -> None:
    raise RuntimeError("no room")
