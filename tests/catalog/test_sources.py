"""Sources are created and changed by those who may, and history tells it."""

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Forbidden
from accounts.roles import Role
from catalog.choices import Environment, Platform, VersionFrom, VersionOrder
from catalog.models import Binding, Source
from catalog.resolution.binding_resolver import app_version_sort_key
from catalog.services.bindings import bind_source
from catalog.services.sources import create_source, update_source
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory

pytestmark = pytest.mark.django_db


def created(team, by, **fields):
    return create_source(
        **{"slug": "shop", "name": "Shop", "platform": Platform.WEB, "owner_team": team, "by": by} | fields
    )


def test_the_teams_own_people_and_the_company_create_sources(team, history_actions):
    source = created(team, person(Role.DEVELOPER, team=team))
    assert (source.version_from, source.version_path) == (VersionFrom.PAYLOAD, "/context/app/version")
    assert history_actions("source", source) == ["created"]
    created(team, person(Role.ANALYST), slug="second")
    created(team, person(Role.ADMIN), slug="third")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PM, Role.QA])
def test_other_roles_of_the_team_do_not(team, role):
    with pytest.raises(Forbidden, match="create or change a source"):
        created(team, person(role, team=team))


def test_neither_do_developers_of_another_team_nor_strangers(team, stranger):
    for by in (stranger, person(Role.DEVELOPER, team=TeamFactory.create())):
        with pytest.raises(Forbidden):
            created(team, by)
    assert not Source.objects.exists()


def test_a_slug_is_taken_once_and_a_payload_needs_a_place(team, system):
    created(team, system)
    with pytest.raises(ValidationError, match="already exists"):
        created(team, system)
    with pytest.raises(ValidationError, match="/context/app/version"):
        created(team, system, slug="other", version_path="app.version")
    created(team, system, slug="other", version_path="", version_from=VersionFrom.NOWHERE)


def test_a_change_is_told_with_before_and_after(system, history_actions):
    source = SourceFactory.create(name="Shop")
    changed = update_source(source, by=system, name="Web shop", platform=source.platform)
    assert changed.name == "Web shop"
    update_source(changed, by=system, name="Web shop")
    assert history_actions("source", source) == ["changed"]


def test_a_source_moves_to_another_team_only_by_whoever_may_in_both():
    source, target = SourceFactory.create(), TeamFactory.create()
    with pytest.raises(Forbidden):
        update_source(source, by=person(Role.DEVELOPER, team=source.owner_team), owner_team=target)
    moved = update_source(source, by=person(Role.ANALYST), owner_team=target)
    assert moved.owner_team == target


def test_a_new_order_of_versions_sorts_the_bindings_anew(system):
    source = SourceFactory.create(version_order=VersionOrder.SEMVER)
    event = EventFactory.create(sources=[source])
    bind_source(
        event, event.newest_version, source, environments=[Environment.PRODUCTION], since_version="12", by=system
    )
    before = Binding.objects.get().since_key
    update_source(source, by=system, version_order=VersionOrder.BUILD)
    assert Binding.objects.get().since_key != before


def test_sorted_anew_a_prerelease_counts_as_its_release_outside_production(system):
    source = SourceFactory.create(version_order=VersionOrder.BUILD)
    event = EventFactory.create(sources=[source])
    bind_source(event, event.newest_version, source, environments=tuple(Environment), since_version="12", by=system)
    Binding.objects.update(since_version="12.0.0-rc.1")
    changed = update_source(source, by=system, version_order=VersionOrder.SEMVER)
    keys = dict(Binding.objects.values_list("environment", "since_key"))
    assert keys == {one: app_version_sort_key("12.0.0-rc.1", changed, one) for one in Environment}
    assert len(set(keys.values())) == 2


def test_an_order_that_a_binding_cannot_follow_is_refused(system):
    source = SourceFactory.create(version_order=VersionOrder.SEMVER)
    event = EventFactory.create(sources=[source])
    bind_source(
        event, event.newest_version, source, environments=[Environment.STAGING], since_version="2.5.0", by=system
    )
    with pytest.raises(ValidationError, match=r"2\.5\.0, from which .* counts, is no build number"):
        update_source(source, by=system, version_order=VersionOrder.BUILD)
    source.refresh_from_db()
    assert source.version_order == VersionOrder.SEMVER
