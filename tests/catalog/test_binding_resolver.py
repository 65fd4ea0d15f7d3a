"""What an event is validated against: the table of the design, case by case."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import HistoryEntry
from catalog.choices import Environment, VersionOrder
from catalog.contract.versions.app_version_order import sort_key
from catalog.resolution.binding_resolver import (
    RETIRED_NUMBER,
    BindingResolver,
    BindingRow,
    ResolutionStatus,
    first_binding_after,
    select_binding,
)
from catalog.services.bindings import BASELINE_START, bind_source, end_bindings, set_delivery_open
from catalog.services.sources import update_source
from catalog.services.versions import withdraw_version
from tests.factories.catalog import EventFactory, SourceFactory, definition, publish_next_version

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PRODUCTION, STAGING = Environment.PRODUCTION, Environment.STAGING


def key(app_version):
    return sort_key(app_version, VersionOrder.SEMVER)


def bound(version_id, *, since="", at=None, number=(1, 0, 0), written=NOW - 30 * DAY, ended=None):
    return BindingRow(version_id, number, key(since) if since else "", at, written, ended)


V1 = bound(1, since="1.0.0", number=(1, 0, 0))
V2 = bound(2, since="2.0.0", number=(1, 1, 0))
V3 = bound(3, since="3.0.0", number=(2, 0, 0))
T1 = bound(11, at=BASELINE_START, number=(1, 0, 0))
T2 = bound(12, at=NOW - 10 * DAY, number=(1, 1, 0))
GONE = bound(None, since="3.0.0", number=RETIRED_NUMBER)


@pytest.mark.parametrize(
    ("bounds", "app", "expected"),
    [
        pytest.param([], "1.0.0", None, id="nothing bound"),
        pytest.param([V1, V2, V3], "2.0.0", 2, id="its own start"),
        pytest.param([V1, V2, V3], "2.9.9", 2, id="the highest start not above it"),
        pytest.param([V3, V1, V2], "10.0.0", 3, id="ten comes after three"),
        pytest.param([V1, V2, V3], "0.9.0", 1, id="below all the oldest"),
        pytest.param([V1, V2, V3], "3.0.0-rc.1", 2, id="a pre-release comes before its release"),
        pytest.param([bound(4, since="3.0.0-rc.1"), V2], "3.0.0", 4, id="and the release after it"),
        pytest.param([V1, bound(9, since="1.0.0", number=(1, 0, 1))], "1.5.0", 9, id="ties go to the higher version"),
        pytest.param(
            [bound(9, since="1.0.0", number=(1, 10, 0)), bound(8, since="1.0.0", number=(1, 9, 0))],
            "1.0.0",
            9,
            id="numbers and not texts",
        ),
        pytest.param([T1, T2], None, 12, id="without an app version the newest by time"),
        pytest.param([T1, T2, V2], None, 12, id="time before versions, where the event names none"),
        pytest.param([T1, V2], "2.1.0", 2, id="versions before time, where one is reached"),
        pytest.param([T1, V2], "1.9.0", 11, id="below every version start, by time"),
        pytest.param([T1, bound(13, at=NOW + DAY)], None, 11, id="a start still to come does not count"),
        pytest.param([V2, bound(13, at=NOW + DAY)], "0.9.0", 2, id="nor below all starts"),
        pytest.param([V2, bound(13, at=NOW + DAY)], None, 2, id="nor beside versions for an event without one"),
        pytest.param([bound(13, at=NOW + DAY)], "0.9.0", None, id="nor alone"),
        pytest.param([bound(13, at=NOW)], "0.9.0", 13, id="a start at that moment counts"),
        pytest.param([V1, GONE], "3.1.0", None, id="retired from its version on"),
        pytest.param([V1, GONE], "2.9.0", 1, id="older apps keep their verdict"),
        pytest.param([V3, GONE], "3.0.0", None, id="a retirement at the same start wins"),
        pytest.param([bound(1, since="1.0.0", written=NOW + DAY)], "1.0.0", None, id="not yet written"),
        pytest.param([V1, bound(2, since="2.0.0", ended=NOW - DAY)], "2.5.0", 1, id="ended before it came"),
        pytest.param([V1, bound(2, since="2.0.0", ended=NOW + DAY)], "2.5.0", 2, id="ended after it came"),
        pytest.param([V1, bound(2, since="2.0.0", ended=NOW)], "2.5.0", 1, id="ended at that moment"),
    ],
)
def test_the_binding_that_counts(bounds, app, expected):
    chosen = select_binding(bounds, version_key=key(app) if app else None, event_time=NOW)
    assert (chosen.version_id if chosen else None) == expected


@pytest.fixture
def source(db):
    return SourceFactory.create()


@pytest.fixture
def event(source):
    return EventFactory.create(name="Order Completed", sources=[source])


def resolve_binding(event, source, environment=PRODUCTION, **options):
    resolver = BindingResolver.load(source, environment, [event.pk])
    return resolver.resolve(event.pk, **{"event_time": timezone.now()} | options)


def test_what_happened_before_all_bindings_is_held_against_the_first():
    first, second = bound(1, written=NOW - 10 * DAY), bound(2, written=NOW - 5 * DAY)
    ended, retired = bound(3, written=NOW - 20 * DAY, ended=NOW), bound(None, written=NOW - 20 * DAY)
    assert first_binding_after([second, first, ended, retired], NOW - 30 * DAY) is first
    assert first_binding_after([second, first], NOW - 7 * DAY) is second
    assert first_binding_after([ended, retired], NOW - 30 * DAY) is None


def test_without_binding_and_open_delivery_it_is_the_wrong_source(event, source):
    assert resolve_binding(event, source).status == ResolutionStatus.WRONG_SOURCE
    assert resolve_binding(event, SourceFactory.create()).status == ResolutionStatus.WRONG_SOURCE


def test_an_open_delivery_counts_where_nothing_is_bound(event, source, system):
    first = event.newest_version
    second = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    set_delivery_open(first, source, is_open=True)
    set_delivery_open(second, source, is_open=True)
    assert resolve_binding(event, source).version_id == second.pk
    assert sorted(BindingResolver.load(source, STAGING, [event.pk]).open_version_ids(event.pk)) == [first.pk, second.pk]
    bind_source(event, first, source, environments=[STAGING], since_version="1.0.0", by=system)
    assert resolve_binding(event, source, STAGING).version_id == first.pk
    assert resolve_binding(event, source).version_id == second.pk


def test_the_version_that_the_payload_names_comes_first(event, source, system):
    bind_source(event, event.newest_version, source, environments=[PRODUCTION], since_at=BASELINE_START, by=system)
    options = {"sources": [source], "origin_version": "1-0-3"}
    named = publish_next_version(event, definition("Order Completed", trigger="Once"), **options)
    again = publish_next_version(event, definition("Order Completed", trigger="Twice"), **options)
    assert resolve_binding(event, source, named_version=str(named.number)).version_id == named.pk
    assert resolve_binding(event, source, named_version="1-0-3").version_id == again.pk
    assert resolve_binding(event, source, named_version="9.9.9").version_id == event.versions.get(parent=None).pk
    withdraw_version(again, by=system, message="Wrong")
    assert resolve_binding(event, source, named_version="1-0-3").version_id == named.pk


def test_a_version_approved_for_another_source_is_not_named_here(event, source, system):
    other = SourceFactory.create()
    version = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[other])
    bind_source(event, version, other, environments=[PRODUCTION], since_at=BASELINE_START, by=system)
    assert resolve_binding(event, source, named_version=str(version.number)).status == ResolutionStatus.WRONG_SOURCE


def test_outside_production_a_prerelease_counts_as_its_release(event, source, system):
    new = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    old = event.versions.get(parent=None)
    for environment in (PRODUCTION, STAGING):
        bind_source(event, old, source, environments=[environment], since_version="1.0.0", by=system)
        bind_source(event, new, source, environments=[environment], since_version="2.5.0", by=system)
    assert resolve_binding(event, source, STAGING, app_version="2.5.0-rc.1").version_id == new.pk
    assert resolve_binding(event, source, PRODUCTION, app_version="2.5.0-rc.1").version_id == old.pk


def test_a_start_at_a_prerelease_counts_as_its_release_too(event, source, system):
    old = event.newest_version
    new = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    bind_source(event, old, source, environments=tuple(Environment), since_version="2.5.0", by=system)
    bind_source(event, new, source, environments=tuple(Environment), since_version="2.5.0-rc.2", by=system)
    for app_version in ("2.5.0-rc.3", "2.5.0-rc.1", "2.5.0"):
        assert resolve_binding(event, source, STAGING, app_version=app_version).version_id == new.pk
    assert resolve_binding(event, source, app_version="2.5.0-rc.3").version_id == new.pk
    assert resolve_binding(event, source, app_version="2.5.0").version_id == old.pk


def test_builds_of_one_version_are_told_apart(event, source, system):
    old = event.newest_version
    new = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    bind_source(event, old, source, environments=tuple(Environment), since_version="2.5.0", by=system)
    bind_source(event, new, source, environments=tuple(Environment), since_version="2.5.0 (421)", by=system)
    for environment in (STAGING, PRODUCTION):
        for app_version in ("2.5.0_421", "v2.5+422", "2.5.1"):
            assert resolve_binding(event, source, environment, app_version=app_version).version_id == new.pk
        for app_version in ("2.5.0", "2.5.0 (420)", "2.4"):
            assert resolve_binding(event, source, environment, app_version=app_version).version_id == old.pk
    assert resolve_binding(event, source, STAGING, app_version="2.5.0-rc.1 (421)").version_id == new.pk


def test_a_source_reads_its_versions_in_its_own_format(event, source, system):
    old = event.newest_version
    new = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    bind_source(event, old, source, environments=[PRODUCTION], since_version="2.5.0", by=system)
    bind_source(event, new, source, environments=[PRODUCTION], since_version="2.5.0-422", by=system)
    assert resolve_binding(event, source, app_version="2.5.0").version_id == old.pk
    with pytest.raises(ValidationError, match="Name"):
        update_source(source, version_format="build {build}", by=system)
    source = update_source(source, version_format="{version}-{build}", by=system)
    for app_version, expected in (("2.5.0-421", old), ("2.5.0-422", new), ("2.5.0-1000", new), ("2.5.0", old)):
        assert resolve_binding(event, source, app_version=app_version).version_id == expected.pk
    entry = HistoryEntry.objects.filter(subject_type="source", subject_id=source.pk, action="changed").get()
    assert entry.evidence == {"version_format": ["", "{version}-{build}"]}


@pytest.mark.parametrize("app_version", ["", "latest", "x" * 500])
def test_an_unreadable_app_version_counts_as_none(event, source, system, app_version):
    new = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    old = event.versions.get(parent=None)
    bind_source(event, old, source, environments=[PRODUCTION], since_at=BASELINE_START, by=system)
    bind_source(event, new, source, environments=[PRODUCTION], since_version="1.0.0", by=system)
    assert resolve_binding(event, source, app_version=app_version).version_id == old.pk


def test_a_retired_event_is_retired_from_its_app_version_on(event, source, system):
    bind_source(event, event.newest_version, source, environments=[PRODUCTION], since_version="1.0.0", by=system)
    bind_source(event, None, source, environments=[PRODUCTION], since_version="3.0.0", by=system)
    assert resolve_binding(event, source, app_version="3.0.0").status == ResolutionStatus.RETIRED
    assert resolve_binding(event, source, app_version="2.9.0").version_id == event.newest_version_id
    end_bindings(event, None, source, by=system)
    assert resolve_binding(event, source, app_version="3.0.0").status == ResolutionStatus.DEFINED


def test_checking_again_later_gives_the_same_answer(event, source, system):
    received = timezone.now() - DAY
    bind_source(
        event,
        event.newest_version,
        source,
        environments=[PRODUCTION],
        since_at=BASELINE_START,
        by=system,
        at=received - DAY,
    )
    before = resolve_binding(event, source, event_time=received)
    new = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    bind_source(event, new, source, environments=[PRODUCTION], since_at=BASELINE_START, by=system)
    assert resolve_binding(event, source, event_time=received) == before
    assert resolve_binding(event, source, event_time=timezone.now()).version_id == new.pk


def test_what_many_events_need_is_loaded_in_two_queries(source, django_assert_num_queries):
    events = [EventFactory.create(sources=[source], is_live=True) for _ in range(3)]
    with django_assert_num_queries(2):
        resolver = BindingResolver.load(source, PRODUCTION, [event.pk for event in events])
        found = [resolver.resolve(event.pk, event_time=timezone.now()) for event in events]
    assert [each.version_id for each in found] == [event.newest_version_id for event in events]
    assert {each.number for each in found} == {"1.0.0"}
