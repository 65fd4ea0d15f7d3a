"""Event time on the whole way: which version and which deploy an event belongs to, and what keeps it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import VersionFrom
from catalog.contract import ParsedJson
from catalog.models import Event, Source, WriteKey
from catalog.resolution.binding_resolver import BindingResolver
from catalog.services.bindings import bind_source, end_bindings
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import SourceFactory, create_write_key, definition, publish_next_version
from tests.factories.traffic import counts_by_verdict, post_body, process_inbox, track_call
from tracking.quality.explanations import explain
from tracking.quality.models import Finding
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.models import Sample, TrafficCount

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def system() -> User:
    return User.objects.system()


def send(key: WriteKey, *, waited: timedelta = timedelta(0), **fields: object) -> Sample:
    """Send one event that waited in the app, and return what is kept of it."""
    now = timezone.now()
    event = track_call(timestamp=(now - waited).isoformat(), **fields)
    assert post_body(key, {"batch": [event], "sentAt": now.isoformat()}).status_code == 200
    process_inbox()
    return Sample.objects.newest_first()[0]


def test_the_deploy_is_that_of_when_it_happened(shop: Source, key: WriteKey, order: Event, system: User) -> None:
    """Stamped before the marker and sent after it, an event belongs to the version before."""
    Source.objects.update(version_from=VersionFrom.DEPLOYS)
    now = timezone.now()
    other = SourceFactory.create(version_from=VersionFrom.DEPLOYS)
    for source, version, ago in ((shop, "1.0.0", 9 * HOUR), (shop, "2.0.0", HOUR), (other, "7.0.0", 8 * HOUR)):
        mark_deploy(source, environment="production", version=version, by=system, at=now - ago)
    assert send(key, waited=2 * HOUR).app_version == "1.0.0"
    assert send(key, waited=timedelta(minutes=5)).app_version == "2.0.0"
    assert send(key, waited=20 * HOUR).app_version == ""
    assert send(create_write_key(other, "production"), waited=2 * HOUR).app_version == "7.0.0"


def test_the_binding_is_that_of_when_it_happened(shop: Source, key: WriteKey, order: Event, system: User) -> None:
    now = timezone.now()
    old = order.newest_version
    order.bindings.update(written_at=now - 9 * HOUR)
    changed = definition("Order Completed", schema={"properties": {"total": {"type": "string"}}})
    new = publish_next_version(order, changed, sources=[shop])
    bind_source(order, new, shop, environments=["production"], since_at=now - HOUR, by=system, at=now - HOUR)
    late, prompt = send(key, waited=2 * HOUR), send(key)
    assert (late.version_id, late.verdict) == (old.pk, "conforming")
    assert (prompt.version_id, prompt.verdict) == (new.pk, "nonconforming")
    assert late.event_time is not None and late.received_at - late.event_time >= 2 * HOUR

    # Checked again, whatever happened since, each is held against the same version.
    end_bindings(order, new, shop, by=system)
    again = BindingResolver.load(shop, "production", [order.pk])
    for sample in (late, prompt):
        assert again.resolve(order.pk, event_time=sample.happened_at).version_id == sample.version_id
    assert send(key).version_id == old.pk


def test_events_of_one_batch_belong_to_both_sides_of_a_change(
    shop: Source, key: WriteKey, order: Event, system: User
) -> None:
    now = timezone.now()
    order.bindings.update(written_at=now - 9 * HOUR)
    changed = definition("Order Completed", schema={"properties": {"total": {"type": "string"}}})
    new = publish_next_version(order, changed, sources=[shop])
    bind_source(order, new, shop, environments=["production"], since_at=now - HOUR, by=system, at=now - HOUR)
    events = [track_call(timestamp=(now - hours * HOUR).isoformat()) for hours in (3, 0, 2, 0, 4)]
    post_body(key, {"batch": events, "sentAt": now.isoformat()})
    process_inbox()
    assert counts_by_verdict() == {"conforming": 3, "nonconforming": 2}
    # Hours are those in which they were received.
    assert TrafficCount.objects.values("hour").distinct().count() <= 2


def test_what_happened_before_anything_was_bound_is_held_against_what_was_bound_first(
    shop: Source, key: WriteKey, order: Event, system: User
) -> None:
    """A phone that was offline while the catalog was filled is no wrong source."""
    order.bindings.update(written_at=timezone.now() - HOUR)
    assert send(key, waited=3 * HOUR).verdict == "conforming"
    end_bindings(order, order.newest_version, shop, by=system)
    assert send(key, waited=3 * HOUR).verdict == "wrong_source"


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize("name", ["Order Completed", "Never Defined", None])
def test_a_time_that_cannot_be_relied_on_is_a_warning(
    shop: Source, order: Event, name: str | None, environment: str
) -> None:
    key = create_write_key(shop, environment)
    now = timezone.now()
    odd_times: tuple[object, ...] = ("2031-01-01T00:00:00Z", "yesterday", "", 7, {})
    events = [track_call(name, timestamp=written) for written in odd_times]
    events += [track_call(name, timestamp=(now - 31 * 24 * HOUR).isoformat()), track_call(name, timestamp=None)]
    post_body(key, {"batch": events, "sentAt": now.isoformat()})
    process_inbox()
    found = [
        [violation for violation in sample.violations if violation["rule"] == "clock"]
        for sample in Sample.objects.order_by("id")
    ]
    assert [len(violations) for violations in found] == [1, 1, 1, 1, 1, 1, 0]
    assert {(one["path"], one["severity"]) for violations in found for one in violations} == {
        ("/occurred_at", "warning")
    }
    assert found[0][0]["came"] == '"2031-01-01T00:00:00Z"' and "future" in found[0][0]["expected"]
    assert "ISO 8601" in found[1][0]["expected"] and "30 days" in found[5][0]["expected"]
    assert {sample.event_time == sample.received_at for sample in Sample.objects.all()} == {True}
    (finding,) = Finding.objects.filter(rule="clock")
    assert (finding.count, finding.severity) == (6, "warning")
    assert "prove nothing" in explain(finding).next
    if name == "Order Completed":
        assert counts_by_verdict() == {"conforming": 7}
        assert TrafficCount.objects.totals()["warned"] == 6


def test_the_time_of_sending_that_a_batch_shares_is_told_too(key: WriteKey, order: Event) -> None:
    post_body(key, {"batch": [track_call(), track_call()], "sentAt": "soon"})
    process_inbox()
    (finding,) = Finding.objects.all()
    assert (finding.rule, finding.path, finding.count) == ("clock", "/sent_at", 2)


def test_an_empty_time_gives_way_to_the_original_one(key: WriteKey, order: Event) -> None:
    now = timezone.now()
    event = track_call(timestamp="", originalTimestamp=(now - HOUR).isoformat())
    post_body(key, {"batch": [event], "sentAt": now.isoformat()})
    process_inbox()
    sample = Sample.objects.get()
    assert sample.violations == [] and sample.received_at - sample.happened_at == HOUR


def test_a_dry_run_warns_alike(shop: Source, order: Event) -> None:
    event = ParsedJson(track_call(timestamp="2031-01-01T00:00:00Z"))
    (result,) = dry_run_events(shop, "production", [event])
    assert [(found.rule, found.path) for found in result.result.violations] == [("clock", "/occurred_at")]
    (result,) = dry_run_events(shop, "production", [ParsedJson(track_call(timestamp="2019-01-01T00:00:00Z"))])
    assert result.result.violations == ()


def test_a_sample_from_before_happened_when_it_was_received(key: WriteKey, order: Event) -> None:
    sample = send(key, waited=HOUR)
    Sample.objects.update(event_time=None)
    sample.refresh_from_db()
    assert sample.happened_at == sample.received_at
