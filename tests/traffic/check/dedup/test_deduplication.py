"""Events that come again: what is a repeat, and what is counted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.contract.json.json_parser import parse_json
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.check.event_validator import EventValidator
from tracking.traffic.check.quarantine import resend_quarantined
from tracking.traffic.models import DedupKey, QuarantinedBatch, Sample, TrafficCount

pytestmark = pytest.mark.django_db


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


def message_id_violations() -> list[dict[str, Any]]:
    """The violations of the rule in all samples."""
    return [
        violation
        for sample in Sample.objects.order_by("pk")
        for violation in sample.violations
        if violation["rule"] == "message_id"
    ]


def totals_of(**by: Any) -> tuple[int, int]:
    """How many events were counted, and how many repeats."""
    totals = TrafficCount.objects.filter(**by).totals()
    return totals["count"], totals["repeats"]


OTHER_EVENTS: dict[str, dict[str, Any]] = {
    "properties": {"properties": {"total": 28}},
    "a property more": {"properties": {"total": 27.5, "coupon": None}},
    "type": {"properties": {"total": "27.5"}},
    "true is not 1": {"properties": {"total": 27.5, "count": True}},
    "name": {"event": "Order Cancelled"},
    "call": {"type": "identify", "traits": {}},
    "traits": {"traits": {"plan": "pro"}},
    "user": {"userId": "another"},
    "device": {"anonymousId": "another"},
}


@pytest.mark.parametrize("changes", OTHER_EVENTS.values(), ids=OTHER_EVENTS)
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_an_id_on_two_different_events_counts_both_and_is_told_once(
    key: WriteKey, order: Event, changes: dict[str, Any], in_one_batch: bool
) -> None:
    first = track_call(properties={"total": 27.5, "count": 1} if "count" in str(changes) else {"total": 27.5})
    second = first | changes
    for batch in [[first, second]] if in_one_batch else [[first], [second]]:
        post_batch(key, *batch)
        process_inbox()

    assert totals_of() == (2, 0)
    (told,) = message_id_violations()
    assert (told["path"], told["severity"]) == ("/message_id", "warning")
    assert first["messageId"] not in told["came"], "production hides ids"


ALIKE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "order of keys": (
        {"properties": {"total": 1.5, "lines": [{"a": 1, "b": 2}]}},
        {"properties": {"lines": [{"b": 2, "a": 1}], "total": 1.5}},
    ),
    "1 and 1.0": ({"properties": {"total": 1}}, {"properties": {"total": 1.0}}),
    "1 and 1.0 below": (
        {"properties": {"total": 1, "at": [{"x": 100}]}},
        {"properties": {"total": 1, "at": [{"x": 1e2}]}},
    ),
    "context": ({"context": {"network": "wifi"}}, {"context": {"network": "cellular"}}),
    "traits in the context": ({"context": {"traits": {"plan": "free"}}}, {"context": {"traits": {"plan": "pro"}}}),
    "traits no longer in the context": ({"context": {"traits": {"plan": "free"}}}, {"context": {}}),
    "times": ({"timestamp": "2026-11-24T10:00:00Z"}, {"timestamp": "2026-11-24T10:00:07Z"}),
    "a lone surrogate": ({"properties": {"total": 1, "x": "\ud800"}}, {"properties": {"x": "\ud800", "total": 1.0}}),
    "an id as a number": ({"userId": 7, "anonymousId": None}, {"userId": "7"}),
    "no id": ({"userId": None, "anonymousId": "a"}, {"userId": "null", "anonymousId": "a"}),
    "a large integer": ({"properties": {"total": 2**70, "a": 1}}, {"properties": {"a": 1, "total": 2**70}}),
}


@pytest.mark.parametrize("fields", ALIKE.values(), ids=ALIKE)
def test_an_event_sent_again_is_a_repeat_however_it_is_written(
    key: WriteKey, order: Event, fields: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    event = track_call()
    for changes in fields:
        post_batch(key, event | changes)
        process_inbox()

    assert totals_of() == (1, 1)
    assert message_id_violations() == []


def test_devices_that_number_their_events_lose_none(key: WriteKey, order: Event) -> None:
    devices = [
        [track_call(userId=None, anonymousId=f"device-{device}", messageId=str(number)) for number in (1, 2)]
        for device in range(3)
    ]
    for events in devices:
        post_batch(key, *events, *events)
    process_inbox()
    assert totals_of() == (6, 6)


def test_each_of_the_events_with_one_id_has_repeats_of_its_own(
    key: WriteKey, staging_key: WriteKey, order: Event
) -> None:
    first = track_call()
    second, third = (first | {"properties": {"total": total}} for total in (2, 3))
    post_batch(key, first, second, first, second)
    post_batch(staging_key, second)
    process_inbox()
    post_batch(key, second, first, third)
    process_inbox()

    assert totals_of(environment="production") == (3, 4)
    assert totals_of(environment="staging") == (1, 0)
    assert len(message_id_violations()) == 2, "of the second and the third"


def test_an_id_from_before_contents_were_noted_is_a_repeat_as_before(key: WriteKey, order: Event) -> None:
    event = track_call()
    post_batch(key, event)
    process_inbox()
    DedupKey.objects.update(content=None)
    post_batch(key, event | {"properties": {"total": 3}})
    process_inbox()
    post_batch(key, event | {"properties": {"total": 3}}, event)
    process_inbox()

    assert totals_of() == (1, 3)
    assert message_id_violations() == []


def test_an_id_may_come_on_another_event_after_a_day(key: WriteKey, order: Event) -> None:
    event = track_call()
    post_batch(key, event)
    process_inbox()
    DedupKey.objects.update(seen_at=timezone.now() - timedelta(hours=24, seconds=1))
    post_batch(key, event | {"properties": {"total": 3}})
    process_inbox()

    assert totals_of() == (2, 0)
    assert message_id_violations() == []


def test_an_id_that_was_reused_is_told_after_quarantine_too(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = track_call()
    post_batch(key, event)
    process_inbox()
    with monkeypatch.context() as broken:
        broken.setattr(EventValidator, "validate", _fail)
        post_batch(key, event | {"properties": {"total": 3}})
        process_inbox()
    (quarantined,) = QuarantinedBatch.objects.all()
    resend_quarantined(quarantined, by=person("admin"))
    process_inbox()

    assert counts_by_verdict() == {"conforming": 2}
    assert len(message_id_violations()) == 1


def _fail(*_: Any) -> None:
    raise KeyError


def test_a_dry_run_compares_the_events_that_it_was_given(key: WriteKey, shop: Source, order: Event) -> None:
    event = track_call()
    post_batch(key, event)
    process_inbox()
    given = [event, event, event | {"properties": {"total": 3}}, event | {"messageId": "other"}]
    results = dry_run_events(shop, "production", [parse_json(json.dumps(each).encode()) for each in given])

    rules = [[violation.rule for violation in result.result.violations] for result in results]
    assert ["message_id" in broken for broken in rules] == [False, False, True, False]


def test_what_an_identify_call_says_counts_wherever_its_traits_stand(key: WriteKey, order: Event) -> None:
    call = {"type": "identify", "userId": "u1", "messageId": "m1"}
    for plan in ("free", "pro"):
        post_batch(key, call | {"context": {"traits": {"plan": plan}}})
    process_inbox()
    assert totals_of() == (2, 0)
