"""The door for history: counted apart, held against what was there at its time, neither proof nor alarm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import VersionFrom
from catalog.models import Event, Source, WriteKey
from catalog.services.bindings import bind_source
from catalog.services.deploys import mark_deploy
from catalog.services.write_keys import find_active_key
from home.overview import recent_undocumented_names
from tests.factories.catalog import SourceFactory, create_write_key, definition, publish_next_version
from tests.factories.requests import VALID_PAYLOAD, RequestFactory
from tests.factories.traffic import counts_by_verdict, post_body, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.requests.evidence.summaries import production_evidence
from tracking.requests.models import Evidence
from tracking.requests.tasks import advance_deliveries
from tracking.traffic.check.event_validator import EventValidator
from tracking.traffic.check.quarantine import resend_quarantined
from tracking.traffic.collect.wires import ROUTES, find_route
from tracking.traffic.counts.rollups import counts_by_day, fold_deltas
from tracking.traffic.counts.traffic_projections import update_all_projections
from tracking.traffic.models import InboxBatch, QuarantinedBatch, RollupDelta, Sample, TrafficCount

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def system() -> User:
    return User.objects.system()


def send(key: WriteKey, *events: Any, path: str = "/v1/import") -> None:
    now = timezone.now()
    assert post_body(key, {"batch": list(events), "sentAt": now.isoformat()}, path=path).status_code == 200
    process_inbox()


def call(ago: timedelta, name: str = "Order Completed", **fields: Any) -> dict[str, Any]:
    return track_call(name, timestamp=(timezone.now() - ago).isoformat(), **fields)


def historical(**by: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for verdict, count in TrafficCount.objects.filter(**by).order_by().values_list("verdict", "historical"):
        found[verdict] = found.get(verdict, 0) + count
    return {verdict: count for verdict, count in found.items() if count}


@pytest.mark.parametrize(
    ("path", "named_call"),
    [
        ("/v1/import/v1/batch", ""),
        ("/v1/import/v1/track", "track"),
        ("/v1/import/batch", ""),
        ("/in/v1/import//v1/t/", "track"),
        ("/v1/import/import", ""),
    ],
)
def test_an_sdk_whose_host_is_the_door_for_history_sends_history(path: str, named_call: str) -> None:
    route = find_route(path)
    assert route is not None
    assert (route.is_history, route.call) == (True, named_call)


def test_every_path_for_history_is_marked() -> None:
    assert {path for path, route in ROUTES.items() if route.is_history} == {"v1/import", "in/v1/import"}


@pytest.mark.parametrize("path", ["/v1/import", "/in/v1/import"])
def test_it_is_counted_apart(key: WriteKey, order: Event, path: str) -> None:
    wrong = call(400 * DAY, properties={"total": "x"})
    send(key, call(400 * DAY), call(3 * DAY), wrong, call(DAY, "Never Defined"), path=path)
    for _folded in range(2):
        assert historical() == {"conforming": 2, "nonconforming": 1, "undocumented": 1}
        assert counts_by_verdict() == {}
        assert TrafficCount.objects.totals()["late"] == 0
        today = counts_by_day(order, days=7)[-1]
        assert (today.total, today.historical) == (0, 3)
        fold_deltas()
    send(key, call(400 * DAY))
    fold_deltas()
    assert historical()["conforming"] == 3


def test_it_alarms_nobody_and_drives_nothing_out(key: WriteKey, order: Event) -> None:
    send(key, call(400 * DAY, properties={"total": "x"}), call(400 * DAY, "Never Defined"), call(-400 * DAY))
    assert not Finding.objects.exists()
    assert not Sample.objects.exists()


def test_a_repeat_of_history_is_counted_once(key: WriteKey, order: Event) -> None:
    event = call(9 * DAY)
    send(key, event, event)
    send(key, event)
    assert historical() == {"conforming": 1}
    assert TrafficCount.objects.totals()["repeats"] == 2


def test_its_verdict_is_that_of_its_time(shop: Source, key: WriteKey, order: Event, system: User) -> None:
    now = timezone.now()
    old = order.newest_version
    order.bindings.update(written_at=now - 90 * DAY)
    changed = definition("Order Completed", schema={"properties": {"total": {"type": "string"}}})
    new = publish_next_version(order, changed, sources=[shop])
    bind_source(order, new, shop, environments=["production"], since_at=now - 5 * DAY, by=system, at=now - 5 * DAY)
    send(key, call(60 * DAY), call(6 * DAY), call(DAY), call(900 * DAY))
    rows = TrafficCount.objects.filter(historical__gt=0).values_list("version_id", "verdict", "historical")
    assert set(rows) == {(old.pk if old else 0, "conforming", 3), (new.pk, "nonconforming", 1)}


def test_its_deploy_is_that_of_its_time(shop: Source, key: WriteKey, order: Event, system: User) -> None:
    Source.objects.update(version_from=VersionFrom.DEPLOYS)
    for version, days in (("1.0.0", 300), ("2.0.0", 10)):
        mark_deploy(shop, environment="production", version=version, by=system, at=timezone.now() - days * DAY)
    send(key, call(100 * DAY), call(5 * DAY), call(400 * DAY))
    assert set(TrafficCount.objects.values_list("app_version", flat=True)) == {"1.0.0", "2.0.0", ""}


@pytest.mark.parametrize("times", [1, 2])
def test_neither_the_event_nor_its_source_is_seen_by_it(shop: Source, key: WriteKey, order: Event, times: int) -> None:
    before = order.status
    event = call(9 * DAY)
    for _sent in range(times):
        send(key, event)
    fold_deltas()
    update_all_projections()
    order.refresh_from_db()
    assert (order.last_seen_at, order.volume, order.status) == (None, 0, before)
    found = find_active_key(key.key)
    assert found is not None and WriteKey.objects.get(pk=key.pk).last_seen_at is None
    # What arrives is, beside history in the same hour.
    send(key, call(timedelta(0)), path="/v1/batch")
    send(key, call(9 * DAY))
    fold_deltas()
    update_all_projections()
    order.refresh_from_db()
    assert order.last_seen_at is not None and order.volume == 1


def test_nothing_is_seen_by_its_repeats(key: WriteKey, order: Event) -> None:
    event = call(9 * DAY)
    for _sent in range(2):
        send(key, event)
    fold_deltas()
    update_all_projections()
    order.refresh_from_db()
    assert (order.last_seen_at, order.volume) == (None, 0)
    # Nor by what arrived already and is sent once more as history.
    arrived = call(timedelta(0))
    send(key, arrived, path="/v1/batch")
    RollupDelta.objects.update(hour=timezone.now() - 2 * DAY, last_seen=timezone.now() - 2 * DAY)
    send(key, arrived)
    fold_deltas()
    update_all_projections()
    order.refresh_from_db()
    assert order.last_seen_at is not None and order.last_seen_at < timezone.now() - DAY


def test_what_arrived_in_the_same_hour_was_seen_no_later_by_it(key: WriteKey, order: Event) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    for minute, path in ((10, "/v1/batch"), (50, "/v1/import")):
        sent = track_call(timestamp=(hour + timedelta(minutes=minute)).isoformat())
        assert post_body(key, {"batch": [sent]}, path=path).status_code == 200
        InboxBatch.objects.update(received_at=hour + timedelta(minutes=minute))
        process_inbox()
    fold_deltas()
    update_all_projections()
    order.refresh_from_db()
    assert order.last_seen_at == hour + timedelta(minutes=10)


def test_the_home_page_offers_no_name_that_it_alone_brought(key: WriteKey, order: Event) -> None:
    send(key, call(9 * DAY, "Never Defined"))
    assert recent_undocumented_names() == []
    send(key, call(timedelta(0), "Never Defined"), path="/v1/batch")
    assert [row.name.name for row in recent_undocumented_names()] == ["Never Defined"]


def test_it_proves_nothing() -> None:
    lifecycle = RequestFactory.tested()
    source = lifecycle.sources[0]
    events = [
        call(
            timedelta(0),
            lifecycle.change.name,
            properties=VALID_PAYLOAD,
            userId=f"u-{number}",
            context={"app": {"version": "2.0.0"}},
        )
        for number in range(40)
    ]
    send(create_write_key(source, "production"), *events)
    send(create_write_key(source, "staging"), *events)
    assert production_evidence(lifecycle.delivery).events == 0
    assert not Evidence.objects.filter(environment="production").exists()
    assert advance_deliveries() == 0


def test_what_we_failed_to_check_is_history_when_it_is_sent_again(
    key: WriteKey, order: Event, monkeypatch: pytest.MonkeyPatch, system: User
) -> None:
    validate = EventValidator.validate

    def fail(*_args: Any, **_options: Any) -> Any:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(EventValidator, "validate", fail)
    send(key, call(9 * DAY))
    assert historical() == {"unchecked": 1} and counts_by_verdict() == {}
    monkeypatch.setattr(EventValidator, "validate", validate)
    resend_quarantined(QuarantinedBatch.objects.get(), by=system)
    process_inbox()
    for _folded in range(2):
        assert historical() == {"conforming": 1} and counts_by_verdict() == {}
        fold_deltas()
    update_all_projections()
    order.refresh_from_db()
    assert order.last_seen_at is None or order.last_seen_at < timezone.now() - DAY


def test_a_second_source_has_a_history_of_its_own(key: WriteKey, order: Event) -> None:
    other = SourceFactory.create()
    send(create_write_key(other, "production"), call(9 * DAY))
    send(key, call(9 * DAY))
    assert historical(source=other) == {"wrong_source": 1}
    assert historical(source=key.source) == {"conforming": 1}
