"""The app version that a developer names: what runs today stands beside the field, and a slip is doubted."""

import pytest

from catalog.choices import Environment, VersionFrom, VersionOrder
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID, RequestFactory, arrive
from tracking.requests.evidence.current_app_versions import Running, running_versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk():
    walk = RequestFactory.reviewed()
    source = walk.delivery.source
    for environment, versions in (("production", ("4.14.0", "4.9.0", "no version")), ("staging", ("4.15.0",))):
        for version in versions:
            arrive(source, "Page Viewed", [VALID], environment=environment, app_version=version)
    return walk


def test_the_field_says_what_runs_and_stands_before_the_comment(walk, client_of):
    text = client_of(walk.cast.developer).get(f"/requests/{walk.request.pk}/").content.decode()
    assert "Staging runs 4.15.0, production 4.14.0." in text
    assert 'placeholder="4.15.0"' in text
    assert text.index('name="app_version"') < text.index('name="comment"')


@pytest.mark.parametrize(("given", "is_doubted"), [("4.16.0", False), ("4.0.0", False), ("8.4.0", True)])
def test_a_major_version_ahead_is_taken_and_doubted(given, is_doubted, walk, client_of):
    sent = {"to": "developed", "app_version": given}
    page = client_of(walk.cast.developer).post(f"/qa/{walk.delivery.pk}/move/", sent, follow=True)
    assert walk.delivery.app_version == given
    assert (f"{given} is a major version ahead of 4.15.0" in page.content.decode()) is is_doubted


def test_markers_speak_for_sources_that_are_dated_by_them():
    source = SourceFactory.create(version_from=VersionFrom.DEPLOYS, version_order=VersionOrder.BUILD)
    developer = person("developer", team=source.owner_team)
    assert running_versions([source])[source.pk].words == ""
    assert running_versions([source])[source.pk].example == "1042"
    for version in ("7", "8"):
        mark_deploy(source, environment=Environment.PRODUCTION, version=version, by=developer)
    running = running_versions([source])[source.pk]
    assert running.words == "Production runs 8."
    assert running.doubt("900") == ""


def test_it_takes_two_queries_and_none_for_nothing(django_assert_num_queries):
    sources = SourceFactory.create_batch(3)
    with django_assert_num_queries(2):
        running_versions(sources)
    with django_assert_num_queries(0):
        assert running_versions([]) == {}


def test_a_version_that_cannot_be_read_is_not_doubted():
    source = SourceFactory.build()
    assert Running(source, production="4.14.0").doubt("next") == ""
    assert Running(source).doubt("9.0.0") == ""
