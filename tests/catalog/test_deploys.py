"""Deploy markers date the changes of sources that send no version."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.permissions import Forbidden
from accounts.roles import Role
from catalog.choices import Environment, VersionOrder
from catalog.models import Deploy
from catalog.services.deploys import app_versions_at, mark_deploy, remove_deploy
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory

pytestmark = pytest.mark.django_db
PRODUCTION = Environment.PRODUCTION
NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def source():
    return SourceFactory.create()


def test_marking_twice_is_one_marker_and_one_line_of_history(source, history_actions):
    by = person(Role.DEVELOPER, team=source.owner_team)
    first = mark_deploy(source, environment=PRODUCTION, version="2.5.0", at=NOON, by=by)
    again = mark_deploy(source, environment=PRODUCTION, version=" 2.5.0 ", at=NOON, by=by)
    assert first == again and history_actions("source", source) == ["deploy marked"]


def test_a_version_that_runs_already_is_not_marked_again_until_another_one_ran(source, history_actions, system):
    def mark(version, environment=PRODUCTION):
        return mark_deploy(source, environment=environment, version=version, by=system)

    first = mark("2.5.0")
    assert mark("2.5.0") == mark(" 2.5.0 ") == first
    assert mark("2.5.0", Environment.STAGING) != first, "another environment is another deploy"
    assert mark("2.6.0") != first and mark("2.5.0") != first, "back to the one before is a deploy"
    planned = timezone.now() + timedelta(hours=1)
    mark_deploy(source, environment=PRODUCTION, version="3.0.0", at=planned, by=system)
    assert mark("2.5.0").at < planned and mark("3.0.0").at < planned, "what is planned does not run yet"
    assert len(history_actions("source", source)) == source.deploys.count() == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [None, NOON])
def test_ten_of_one_deploy_at_once_are_one_marker(source, system, at, history_actions):
    start = Barrier(10)

    def mark(_number):
        start.wait(timeout=20)
        try:
            return mark_deploy(source, environment=PRODUCTION, version="2.5.0", at=at, by=system).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        marked = set(pool.map(mark, range(10), timeout=60))
    assert marked == {source.deploys.get().pk}
    assert history_actions("source", source) == ["deploy marked"]


@pytest.mark.parametrize(
    "at",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(1999, 12, 31, tzinfo=UTC),
        timezone.now() + timedelta(days=31),
    ],
)
def test_a_deploy_at_an_absurd_time_is_refused(source, at, system):
    with pytest.raises(ValidationError, match="between the year 2000 and 30 days from now"):
        mark_deploy(source, environment=PRODUCTION, version="1.0.0", at=at, by=system)
    assert not source.deploys.exists()


def test_a_marker_that_is_taken_back_dates_nothing_and_stays_in_history(source, history_actions):
    by = person(Role.DEVELOPER, team=source.owner_team)
    mark_deploy(source, environment=PRODUCTION, version="1.0.0", at=NOON - timedelta(days=2), by=by)
    mistake = mark_deploy(source, environment=PRODUCTION, version="9.0.0", at=NOON - timedelta(days=1), by=by)
    remove_deploy(mistake, by=by)
    remove_deploy(mistake, by=by)
    assert app_versions_at(source, PRODUCTION, [NOON]) == ["1.0.0"]
    assert history_actions("source", source) == ["deploy marked", "deploy marked", "deploy taken back"]


def test_nobody_else_takes_a_marker_back(source, stranger, system):
    deploy = mark_deploy(source, environment=PRODUCTION, version="1.0.0", by=system)
    for by in (person(Role.QA, team=source.owner_team), person(Role.DEVELOPER), stranger):
        with pytest.raises(Forbidden):
            remove_deploy(deploy, by=by)
    assert source.deploys.get() == deploy


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PM, Role.QA])
def test_wrong_roles_and_strangers_mark_nothing(source, role, stranger):
    for by in (person(role, team=source.owner_team), person(Role.DEVELOPER), stranger):
        with pytest.raises(Forbidden):
            mark_deploy(source, environment=PRODUCTION, version="1.0.0", by=by)


@pytest.mark.parametrize("version", ["", "latest", "1" * 200])
def test_a_version_that_cannot_be_ordered_is_refused(source, version, system):
    with pytest.raises(ValidationError, match="is no semantic version"):
        mark_deploy(source, environment=PRODUCTION, version=version, by=system)


def test_an_unknown_environment_is_refused(source, system):
    with pytest.raises(ValidationError, match="environment"):
        mark_deploy(source, environment="moon", version="1.0.0", by=system)


def test_the_newest_marker_at_or_before_a_time_counts(source, system, django_assert_num_queries):
    other = SourceFactory.create(version_order=VersionOrder.DATE)
    mark_deploy(other, environment=PRODUCTION, version="2026-01-01", at=NOON - timedelta(days=9), by=system)
    for hours, version in ((-48, "1.0.0"), (-1, "1.1.0"), (1, "1.2.0")):
        mark_deploy(source, environment=PRODUCTION, version=version, at=NOON + timedelta(hours=hours), by=system)
    mark_deploy(source, environment=Environment.STAGING, version="9.0.0", at=NOON - timedelta(hours=3), by=system)
    times = [NOON + timedelta(hours=hours) for hours in (2, -49, -48, -2, 0, 1)]
    with django_assert_num_queries(2):
        found = app_versions_at(source, PRODUCTION, times)
    assert found == ["1.2.0", "", "1.0.0", "1.0.0", "1.1.0", "1.2.0"]
    assert app_versions_at(source, PRODUCTION, []) == []
    assert Deploy.objects.count() == 5
