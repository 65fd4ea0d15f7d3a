"""The app version that a developer names: what runs today stands beside the field, and a slip is doubted."""

import pytest

from catalog.choices import Environment, VersionFrom, VersionOrder
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, ingest
from tracking.requests.evidence.current_app_versions import CurrentAppVersions, current_app_versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def lifecycle():
    lifecycle = RequestFactory.reviewed()
    source = lifecycle.delivery.source
    for environment, versions in (("production", ("4.14.0", "4.9.0", "no version")), ("staging", ("4.15.0",))):
        for version in versions:
            ingest(source, "Page Viewed", [VALID_PAYLOAD], environment=environment, app_version=version)
    return lifecycle


def test_the_field_says_what_runs_and_stands_before_the_comment(lifecycle, client_of):
    text = client_of(lifecycle.members.developer).get(f"/requests/{lifecycle.request.pk}/").content.decode()
    assert "Staging runs 4.15.0, production 4.14.0." in text
    assert 'placeholder="4.15.0"' in text
    assert text.index('name="app_version"') < text.index('name="comment"')


@pytest.mark.parametrize(("given", "is_doubted"), [("4.16.0", False), ("4.0.0", False), ("8.4.0", True)])
def test_a_major_version_ahead_is_taken_and_doubted(given, is_doubted, lifecycle, client_of):
    sent = {"to": "developed", "app_version": given}
    page = client_of(lifecycle.members.developer).post(f"/qa/{lifecycle.delivery.pk}/move/", sent, follow=True)
    assert lifecycle.delivery.app_version == given
    assert (f"{given} is a major version ahead of 4.15.0" in page.content.decode()) is is_doubted


def test_markers_speak_for_sources_that_are_dated_by_them():
    source = SourceFactory.create(version_from=VersionFrom.DEPLOYS, version_order=VersionOrder.BUILD)
    developer = person("developer", team=source.owner_team)
    assert current_app_versions([source])[source.pk].summary == ""
    assert current_app_versions([source])[source.pk].example == "1042"
    for version in ("7", "8"):
        mark_deploy(source, environment=Environment.PRODUCTION, version=version, by=developer)
    running = current_app_versions([source])[source.pk]
    assert running.summary == "Production runs 8."
    assert running.major_jump_warning("900") == ""


def test_it_takes_two_queries_and_none_for_nothing(django_assert_num_queries):
    sources = SourceFactory.create_batch(3)
    with django_assert_num_queries(2):
        current_app_versions(sources)
    with django_assert_num_queries(0):
        assert current_app_versions([]) == {}


def test_a_version_that_cannot_be_read_is_not_doubted():
    source = SourceFactory.build()
    assert CurrentAppVersions(source, production="4.14.0").major_jump_warning("next") == ""
    assert CurrentAppVersions(source).major_jump_warning("9.0.0") == ""
