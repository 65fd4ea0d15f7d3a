"""Bindings are written once, inherited and ended; open deliveries are noted."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.permissions import Forbidden
from accounts.roles import Role
from catalog.choices import Environment
from catalog.models import Binding, VersionSource
from catalog.services.bindings import (
    bind_source,
    end_bindings,
    inherit_bindings,
    set_delivery_open,
    supersede_ancestors,
)
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition, publish_next_version

pytestmark = pytest.mark.django_db
OUTSIDE = (Environment.STAGING, Environment.DEVELOPMENT)


@pytest.fixture
def source():
    return SourceFactory.create()


@pytest.fixture
def event(source):
    return EventFactory.create(name="Order Completed", sources=[source])


def test_one_binding_an_environment_and_the_same_one_again(event, source, system, history_actions):
    first = bind_source(event, event.newest_version, source, environments=OUTSIDE, since_version="2.5.0", by=system)
    again = bind_source(event, event.newest_version, source, environments=OUTSIDE, since_version="2.5.0", by=system)
    assert first == again and [row.environment for row in first] == list(OUTSIDE)
    assert first[0].since_key and first[0].since_at is None
    assert history_actions("event", event).count("bound") == 1


def test_a_binding_starts_at_a_version_or_at_a_time(event, source, system):
    starts: list[dict[str, Any]] = [{}, {"since_version": "1.0.0", "since_at": timezone.now()}]
    for start in starts:
        with pytest.raises(ValidationError, match="either at an app version or at a time"):
            bind_source(event, event.newest_version, source, environments=OUTSIDE, by=system, **start)
    with pytest.raises(ValidationError, match="is no semantic version"):
        bind_source(event, event.newest_version, source, environments=OUTSIDE, since_version="latest", by=system)


def test_who_takes_a_step_of_a_delivery_may_bind_and_nobody_else(event, source, stranger):
    version, start = event.newest_version, timezone.now()
    for role in (Role.DEVELOPER, Role.QA, Role.ANALYST, Role.PM):
        bind_source(
            event, version, source, environments=OUTSIDE, since_at=start, by=person(role, team=source.owner_team)
        )
    for by in (person(Role.VIEWER, team=source.owner_team), person(Role.DEVELOPER), stranger):
        with pytest.raises(Forbidden):
            bind_source(event, version, source, environments=OUTSIDE, since_at=start, by=by)
        with pytest.raises(Forbidden):
            end_bindings(event, version, source, by=by)
    assert Binding.objects.filter(ended_at=None).count() == 2


def test_ending_counts_what_it_ended_and_a_new_binding_is_a_new_row(event, source, system):
    version, at = event.newest_version, timezone.now()
    bind_source(event, version, source, environments=tuple(Environment), since_version="1.0.0", by=system)
    assert end_bindings(event, version, source, environments=OUTSIDE, by=system, at=at) == 2
    assert end_bindings(event, version, source, by=system, at=at + timedelta(hours=1)) == 1
    assert end_bindings(event, version, source, by=system) == 0
    bind_source(event, version, source, environments=OUTSIDE, since_version="1.0.0", by=system)
    assert Binding.objects.filter(ended_at=None).count() == 2 and Binding.objects.count() == 5


def test_a_version_inherits_where_its_parent_is_bound(event, source, system):
    bind_source(event, event.newest_version, source, environments=OUTSIDE, since_version="2.0.0", by=system)
    ended = bind_source(
        event, event.newest_version, source, environments=[Environment.PRODUCTION], since_version="1.0.0", by=system
    )
    Binding.objects.filter(pk=ended[0].pk).update(ended_at=timezone.now())
    child = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    assert not child.bindings.exists()
    inherited = inherit_bindings(child, source, by=system)
    assert {(row.environment, row.since_version) for row in inherited} == {(each, "2.0.0") for each in OUTSIDE}
    assert inherit_bindings(child, source, by=system) == inherited
    assert inherit_bindings(event.versions.get(parent=None), source, by=system) == []


def test_a_retirement_binds_to_nothing(event, source, system):
    row = bind_source(event, None, source, environments=[Environment.PRODUCTION], since_version="3.0.0", by=system)[0]
    assert row.version is None and end_bindings(event, None, source, by=system) == 1


def test_open_deliveries_are_noted_and_ancestors_superseded(event, source, system):
    first = event.newest_version
    second = publish_next_version(event, definition("Order Completed", trigger="Once"), sources=[source])
    third = publish_next_version(event, definition("Order Completed", trigger="Twice"), sources=[source])
    for version in (first, second, third):
        set_delivery_open(version, source, is_open=True)
    assert supersede_ancestors(third, source) == [first.pk, second.pk]
    rows = dict(VersionSource.objects.values_list("version", "is_open"))
    assert rows == {first.pk: False, second.pk: False, third.pk: True}
    assert VersionSource.objects.filter(is_superseded=True).count() == 2
    assert supersede_ancestors(third, source) == []
    with pytest.raises(VersionSource.DoesNotExist):
        set_delivery_open(third, SourceFactory.create(), is_open=True)


def test_builds_of_several_numbers_are_sorted_anew_by_the_migration(event, source, system):
    older, newer = (
        bind_source(event, event.newest_version, source, environments=[each], since_version=version, by=system)[0]
        for each, version in ((Environment.STAGING, "388.0 (388.0.6)"), (Environment.DEVELOPMENT, "388.0+388.0.10"))
    )
    plain = bind_source(
        event, event.newest_version, source, environments=[Environment.PRODUCTION], since_version="2.5.0", by=system
    )[0]
    expected = [row.since_key for row in (older, newer, plain)]
    assert expected[0] < expected[1]
    Binding.objects.filter(pk__in=[older.pk, newer.pk]).update(since_key="0")
    migration = importlib.import_module("catalog.migrations.0011_order_dotted_builds")
    migration.sort_dotted_builds(apps, connection.schema_editor())
    for row in (older, newer, plain):
        row.refresh_from_db()
    assert [row.since_key for row in (older, newer, plain)] == expected
