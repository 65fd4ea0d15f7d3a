"""Which events take the fast way: found by the same names, versions and times as on the ordinary one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment, VersionFrom
from catalog.contract import compile_contract
from catalog.models import Event, Source, WriteKey
from catalog.services.bindings import bind_source
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import EventFactory, definition, newest_version, publish_next_version
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tests.traffic.check.claim_outcome import outcome_of
from tracking.traffic.check import event_ways
from tracking.traffic.check.event_validator import TOO_LONG
from tracking.traffic.models import TrafficCount

pytestmark = pytest.mark.django_db


def accepted_of(source: Source, monkeypatch: pytest.MonkeyPatch, *events: dict[str, Any] | str) -> int:
    """Return how many of the events of one body are accepted by the fast path, after both ways left the same."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    body = f'{{"batch": [{", ".join(texts)}], "sentAt": "2026-11-24T10:00:00.000Z"}}'.encode()
    received_at = timezone.now()
    fast, accepted = outcome_of([(source, "production", body)], monkeypatch, is_fast=True, received_at=received_at)
    ordinary, none = outcome_of([(source, "production", body)], monkeypatch, is_fast=False, received_at=received_at)
    assert fast == ordinary
    assert none == 0
    return accepted


def with_tax(event: Event, source: Source) -> None:
    """Let versions of the app from 3.0.0 on send a tax, which is required."""
    document = definition()
    document["schema"]["properties"]["tax"] = {"type": "number"}
    document["schema"]["required"] = ["total", "tax"]
    publish_next_version(event, document, sources=[source])
    everywhere, system = tuple(Environment), User.objects.system()
    bind_source(event, newest_version(event), source, environments=everywhere, since_version="3.0.0", by=system)


def test_what_conforms_is_accepted_and_nothing_else(
    shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = track_call()
    events = [
        good,
        track_call(properties={"total": 1}, userId=None, anonymousId=" a-1 "),  # breaks a rule of ours alone
        track_call(properties={"total": "1"}),
        track_call(properties={"total": 1, "unknown": 1}),
        track_call("Unknown"),
        track_call(type="identify"),
        json.dumps(track_call()).replace('"userId"', '"userId": "u-7", "userId"', 1),
        json.dumps(track_call()).replace('"event"', '"event": "Order Canceled", "event"', 1),
    ]
    assert accepted_of(shop, monkeypatch, *events) == 2


def test_an_event_that_says_its_name_twice_is_held_against_the_last(
    shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    EventFactory.create(name="Order Canceled", sources=[shop], is_live=True)
    twice = json.dumps(track_call()).replace('"event"', '"event": "Order Canceled", "event"', 1)
    assert accepted_of(shop, monkeypatch, twice) == 0


@pytest.mark.parametrize("place", ["/context/app/version", "/properties/total", "/traits/app", "/nowhere"])
def test_the_app_version_decides_wherever_it_stands(
    shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    shop.version_path = place
    shop.save()
    with_tax(order, shop)
    events = [
        track_call(context={"app": {"version": version}}, properties=properties, traits={"app": version})
        for version in ("2.9.0", "3.0.0", "nightly")
        for properties in ({"total": 2}, {"total": 3.5}, {"total": 2, "tax": 1})
    ]
    assert 0 < accepted_of(shop, monkeypatch, *events) < len(events)


def test_deploy_markers_decide(shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.version_from = VersionFrom.DEPLOYS
    shop.save()
    with_tax(order, shop)
    now, system = timezone.now(), User.objects.system()
    mark_deploy(shop, environment="production", version="2.9.0", by=system, at=now - timedelta(days=2))
    mark_deploy(shop, environment="production", version="3.0.0", by=system, at=now - timedelta(minutes=1))
    events = [
        track_call(timestamp=timestamp, properties=properties)
        for timestamp in ("2026-11-24T10:00:00.000Z", "2026-11-24T09:00:00.000Z", "2026-11-20T09:00:00.000Z")
        for properties in ({"total": 1}, {"total": 1, "tax": 1})
    ]
    assert accepted_of(shop, monkeypatch, *events) == 3


def test_a_version_that_the_event_names_decides(shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    with_tax(order, shop)
    events = [
        track_call(
            context={"app": {"version": "3.0.0"}, "protocols": {"event_version": named}}, properties={"total": 1}
        )
        for named in ("1.0.0", "9.9.9", 1, None)
    ]
    assert accepted_of(shop, monkeypatch, *events) == 1


def test_pages_are_known_by_their_name_or_their_call(shop: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Home", "page"):
        EventFactory.create(
            name=name, call="page", definition=definition(name, call="page"), sources=[shop], is_live=True
        )
    events = [track_call(type="page", name=name, properties={"total": 1}) for name in ("Home", "Other", "", None)]
    assert accepted_of(shop, monkeypatch, *events, track_call(type="screen", name="Home")) == 4


def test_what_is_too_long_for_its_patterns_is_unchecked(shop: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    document = definition()
    document["schema"] = {
        "type": "object",
        "properties": {"code": {"type": "string", "pattern": "^[a-z]{0,990}$"}, "text": {"type": "string"}},
    }
    longest = compile_contract(document).longest_event
    EventFactory.create(name="Order Completed", definition=document, sources=[shop], is_live=True)
    events = [track_call(properties={"code": "a", "text": "x " * (size // 2)}) for size in (10, longest)]
    assert accepted_of(shop, monkeypatch, *events) == 1
    body = json.dumps({"batch": events}).encode()
    outcome, _ = outcome_of([(shop, "production", body)], monkeypatch, is_fast=True, received_at=timezone.now())
    assert TOO_LONG in outcome["QuarantinedBatch"][0]


def test_a_fault_of_the_fast_path_costs_no_event_its_verdict(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("the fast path has a bug")

    monkeypatch.setattr(event_ways, "conforming_event", fail)
    post_batch(key, track_call(), track_call(properties={"total": "1"}))
    assert process_inbox() == 2
    assert counts_by_verdict() == {"conforming": 1, "nonconforming": 1}
    assert TrafficCount.objects.totals()["count"] == 2
