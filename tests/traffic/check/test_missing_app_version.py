"""Events without an app version that can be read, on sources that have versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment, VersionFrom
from catalog.models import Event, Source, Version, VersionSource
from catalog.services.bindings import bind_source, set_delivery_open
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import EventFactory, create_write_key, definition, publish_next_version
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.explanations import explain
from tracking.quality.models import Finding
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

STRICTER = definition("Order Completed", schema={"properties": {"total": {"type": "string"}}})


@pytest.fixture
def system() -> User:
    return User.objects.system()


@pytest.fixture
def live(order: Event, shop: Source, system: User) -> Version:
    """The live version, which starts at an app version."""
    order.bindings.update(ended_at=timezone.now() - timedelta(days=2))
    version = order.newest_version
    assert version is not None
    long_ago = timezone.now() - timedelta(days=2)
    bind_source(order, version, shop, environments=tuple(Environment), since_version="1.0.0", by=system, at=long_ago)
    return version


@pytest.fixture
def developed(order: Event, shop: Source, live: Version, system: User) -> Version:
    """A version that a developer has just said to be in 2.5.0."""
    version = publish_next_version(order, STRICTER, sources=[shop])
    set_delivery_open(version, shop, is_open=True)
    long_ago = timezone.now() - timedelta(days=1)
    bind_source(order, version, shop, environments=tuple(Environment), since_version="2.5.0", by=system, at=long_ago)
    return version


def send(source: Source, context: Any, environment: str = "production") -> Sample:
    key = source.write_keys.filter(environment=environment).first() or create_write_key(source, environment)
    post_batch(key, track_call(context=context))
    process_inbox()
    return Sample.objects.newest_first()[0]


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(
    ("context", "came"),
    [
        (None, "nothing"),
        ({}, "nothing"),
        ({"app": {"version": "latest"}}, '"latest"'),
        ({"app": {"version": {"major": 2}}}, '{"major": 2}'),
        ({"app": {"version": ""}}, '""'),
    ],
)
def test_it_is_held_against_what_is_live(
    shop: Source, live: Version, developed: Version, context: Any, came: str, environment: str
) -> None:
    sample = send(shop, context, environment)
    assert (sample.version_id, sample.verdict) == (live.pk, "conforming")
    (violation,) = sample.violations
    assert (violation["rule"], violation["severity"]) == ("app_version", "warning")
    assert violation["path"] == "/context/app/version"
    if environment == "staging":
        assert violation["came"] == came
    finding = Finding.objects.get()
    assert "held against what is live" in explain(finding).next


def test_a_version_that_can_be_read_decides(shop: Source, live: Version, developed: Version) -> None:
    sample = send(shop, {"app": {"version": "2.5.0 (1)"}})
    assert (sample.version_id, sample.verdict) == (developed.pk, "nonconforming")
    assert "app_version" not in {violation["rule"] for violation in sample.violations}


def test_once_it_is_live_it_holds_for_all(shop: Source, live: Version, developed: Version) -> None:
    set_delivery_open(developed, shop, is_open=False)
    assert send(shop, None).version_id == developed.pk


def test_what_was_superseded_was_never_live(shop: Source, live: Version, developed: Version) -> None:
    set_delivery_open(developed, shop, is_open=False, is_superseded=True)
    assert send(shop, None).version_id == live.pk


def test_where_nothing_is_live_yet_it_is_held_against_the_only_one(
    shop: Source, order: Event, live: Version, system: User
) -> None:
    VersionSource.objects.update(is_open=True)
    assert send(shop, None).version_id == live.pk


def test_a_retirement_that_is_only_developed_does_not_retire_it(
    shop: Source, order: Event, live: Version, system: User
) -> None:
    long_ago = timezone.now() - timedelta(days=1)
    bind_source(order, None, shop, environments=["production"], since_version="3.0.0", by=system, at=long_ago)
    assert send(shop, None).verdict == "conforming"
    assert send(shop, {"app": {"version": "3.1"}}).verdict == "retired"


def test_nothing_is_missed_where_nothing_rests_on_it(shop: Source, order: Event) -> None:
    """A source as it is created, whose SDK sends no version: its definitions start at no app version."""
    assert send(shop, None).violations == []
    assert [one["rule"] for one in send(shop, {"app": {"version": "latest"}}).violations] == ["app_version"]


@pytest.mark.parametrize(
    ("version", "counted"),
    [
        ({"major": 2}, "(object)"),
        ([2, 5], "(array)"),
        (True, "(boolean)"),
        (10**30, "(integer)"),
        (" ", ""),
        (None, ""),
        (25, "25"),
    ],
)
def test_what_came_and_is_no_version_is_told_also_where_no_version_rests_on_it(
    shop: Source, order: Event, version: Any, counted: str
) -> None:
    sample = send(shop, {"app": {"version": version}})
    assert sample.app_version == counted
    assert [one["rule"] for one in sample.violations] == (["app_version"] if counted.startswith("(") else [])


@pytest.mark.parametrize("together", [True, False])
def test_what_an_event_misses_rests_on_its_own_versions_alone(shop: Source, live: Version, together: bool) -> None:
    EventFactory.create(name="Cart Viewed", definition=definition("Cart Viewed"), sources=[shop], is_live=True)
    key = create_write_key(shop, "production")
    calls = [track_call(name, context=None) for name in ("Cart Viewed", "Order Completed")]
    for batch in [calls] if together else [calls[:1], calls[1:]]:
        post_batch(key, *batch)
        process_inbox()
    told = {sample.seen_name.name: [found["rule"] for found in sample.violations] for sample in Sample.objects.all()}
    assert told == {"Cart Viewed": [], "Order Completed": ["app_version"]}


def test_a_source_whose_versions_come_from_nowhere_misses_none(shop: Source, live: Version) -> None:
    Source.objects.update(version_from=VersionFrom.NOWHERE)
    assert send(shop, {"app": {"version": "latest"}}).violations == []


def test_before_its_first_deploy_marker_a_source_is_held_against_what_is_live(
    shop: Source, order: Event, live: Version, developed: Version, system: User
) -> None:
    Source.objects.update(version_from=VersionFrom.DEPLOYS)
    sample = send(shop, None)
    assert (sample.version_id, sample.violations) == (live.pk, [])
    shop.refresh_from_db()
    mark_deploy(shop, environment="production", version="2.5.0", by=system, at=timezone.now() - timedelta(hours=1))
    assert send(shop, None).version_id == developed.pk
