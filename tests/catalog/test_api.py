"""The catalog over the API: shapes that other programs lean on, and who may what."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import Scope
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import (
    CategoryFactory,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    create_write_key,
    definition,
    publish_next_version,
)

ROOT = "/api/v1"


@pytest.fixture
def api(db: None, api_of: Callable[..., APIClient]) -> APIClient:
    return api_of(person("viewer"))


def test_events_are_listed_filtered_and_found_by_name(api: APIClient) -> None:
    EventFactory.create(name="Order Completed")
    EventFactory.create(name="Search Performed")
    listed = api.get(f"{ROOT}/events/").json()
    assert [event["name"] for event in listed["results"]] == ["Order Completed", "Search Performed"]
    assert listed["next"] is None
    found = api.get(f"{ROOT}/events/", {"name": "Order Completed"}).json()["results"]
    assert [event["name"] for event in found] == ["Order Completed"]


def test_an_event_answers_its_definition_document(api: APIClient) -> None:
    source = SourceFactory.create(slug="web")
    event = EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    answer = api.get(f"{ROOT}/events/{event.pk}/").json()
    assert answer["status"] == "live"
    assert answer["version"] == "1.0.0"
    assert answer["sources"] == ["web"]
    assert answer["schema"]["required"] == ["total"]
    assert {"owners", "category", "tags", "definition"} <= set(answer)


def test_versions_are_read_by_number(api: APIClient) -> None:
    event = EventFactory.create(name="Order Completed")
    publish_next_version(event, definition(description="Other words."))
    listed = api.get(f"{ROOT}/events/{event.pk}/versions/").json()["results"]
    assert [version["number"] for version in listed] == ["1.0.1", "1.0.0"]
    assert listed[0]["parent"] == "1.0.0"
    assert api.get(f"{ROOT}/events/{event.pk}/versions/1.0.0/").json()["definition"]["name"] == "Order Completed"
    assert api.get(f"{ROOT}/events/{event.pk}/versions/4.0.0/").status_code == 404
    assert api.get(f"{ROOT}/events/999999/versions/").status_code == 404


def test_properties_and_sources_are_listed(api: APIClient) -> None:
    PropertyFactory.create(name="total")
    source = SourceFactory.create(slug="web")
    key = create_write_key(source)
    assert api.get(f"{ROOT}/properties/").json()["results"][0]["name"] == "total"
    assert api.get(f"{ROOT}/sources/").json()["results"][0]["slug"] == "web"
    assert api.get(f"{ROOT}/sources/web/").json()["write_keys"][0]["key"] == key.key


def test_deploys_are_marked_once(db: None, api_of: Callable[..., APIClient]) -> None:
    team = TeamFactory.create()
    SourceFactory.create(slug="web", owner_team=team)
    developer = api_of(person("developer", team=team))
    marker = {"environment": "staging", "version": "2.5.0", "at": "2026-03-04T10:00:00Z"}
    first = developer.post(f"{ROOT}/sources/web/deploys/", marker)
    assert first.status_code == 201
    assert developer.post(f"{ROOT}/sources/web/deploys/", marker).json()["id"] == first.json()["id"]
    assert len(developer.get(f"{ROOT}/sources/web/deploys/").json()["results"]) == 1
    assert developer.post(f"{ROOT}/sources/web/deploys/", {"environment": "moon"}).status_code == 400
    assert developer.post(f"{ROOT}/sources/nowhere/deploys/", marker).status_code == 404


def test_a_deploy_is_taken_back(db: None, api_of: Callable[..., APIClient]) -> None:
    team = TeamFactory.create()
    source = SourceFactory.create(slug="web", owner_team=team)
    other = mark_deploy(SourceFactory.create(), environment="staging", version="1.0.0", by=User.objects.system())
    deploy = mark_deploy(source, environment="staging", version="2.5.0", by=User.objects.system())
    address = f"{ROOT}/sources/web/deploys/{deploy.pk}/"
    assert api_of(person("qa", team=team)).delete(address).status_code == 403
    developer = api_of(person("developer", team=team))
    assert developer.delete(f"{ROOT}/sources/web/deploys/{other.pk}/").status_code == 404
    assert developer.delete(address).status_code == 204
    assert developer.delete(address).status_code == 404
    assert not source.deploys.exists()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z"])
def test_a_deploy_at_an_absurd_time_is_400(db: None, api_of: Callable[..., APIClient], at: str) -> None:
    team = TeamFactory.create()
    SourceFactory.create(slug="web", owner_team=team)
    marker = {"environment": "staging", "version": "2.5.0", "at": at}
    answer = api_of(person("developer", team=team)).post(f"{ROOT}/sources/web/deploys/", marker)
    assert answer.status_code == 400 and "at" in str(answer.json()["errors"])


def test_deploys_are_filtered(api: APIClient) -> None:
    source = SourceFactory.create(slug="web")
    for environment in ("staging", "production"):
        mark_deploy(source, environment=environment, version="2.5.0", by=User.objects.system())
    address = f"{ROOT}/sources/web/deploys/"
    shown = api.get(address, {"environment": "staging", "version": "2.5.0"}).json()["results"]
    assert [one["environment"] for one in shown] == ["staging"]
    assert api.get(address, {"version": "9"}).json()["results"] == []
    assert api.get(address, {"environment": "moon"}).status_code == 400
    assert api.get(f"{ROOT}/sources/nowhere/deploys/").status_code == 404


def test_categories_are_filtered(api: APIClient) -> None:
    CategoryFactory.create(name="Basket", parent=CategoryFactory.create(name="Shop"))
    shown = api.get(f"{ROOT}/categories/", {"parent": "shop"}).json()["results"]
    assert [(one["slug"], one["parent"]) for one in shown] == [("basket", "shop")]
    assert api.get(f"{ROOT}/categories/", {"parent": "nowhere"}).status_code == 400


@pytest.mark.parametrize("role", ["viewer", "pm", "qa"])
def test_a_wrong_role_marks_no_deploy_and_rotates_no_key(db: None, api_of: Callable[..., APIClient], role: str) -> None:
    team = TeamFactory.create()
    SourceFactory.create(slug="web", owner_team=team)
    api = api_of(person(role, team=team))
    refused = api.post(f"{ROOT}/sources/web/deploys/", {"environment": "staging", "version": "2.5.0"})
    assert refused.status_code == 403
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert api.post(f"{ROOT}/sources/web/keys/staging/rotate/").status_code == 403


def test_a_token_without_the_scope_may_not(db: None, api_of: Callable[..., APIClient]) -> None:
    team = TeamFactory.create()
    SourceFactory.create(slug="web", owner_team=team)
    reader = api_of(person("developer", team=team), Scope.READ)
    assert reader.get(f"{ROOT}/sources/web/").status_code == 200
    refused = reader.post(f"{ROOT}/sources/web/deploys/", {"environment": "staging", "version": "2.5.0"})
    assert refused.status_code == 403
    assert "scope" in refused.json()["detail"]


@pytest.mark.parametrize(
    "path", ["events", "properties", "sources", "categories", "findings", "requests", "deliveries"]
)
def test_nobody_reads_without_signing_in(client: APIClient, db: None, path: str) -> None:
    response = client.get(f"{ROOT}/{path}/")
    assert response.status_code == 401
    assert response.headers["Content-Type"].startswith("application/problem+json")


def test_a_rotated_key_works_beside_the_old_one(db: None, api_of: Callable[..., APIClient]) -> None:
    team = TeamFactory.create()
    source = SourceFactory.create(slug="web", owner_team=team)
    create_write_key(source, "staging")
    answer = api_of(person("developer", team=team)).post(f"{ROOT}/sources/web/keys/staging/rotate/")
    assert answer.status_code == 201
    keys = answer.json()["write_keys"]
    assert len(keys) == 2
    assert sum(key["retires_at"] is None for key in keys) == 1


def test_lists_keep_their_query_budget(
    db: None, api_of: Callable[..., APIClient], django_assert_max_num_queries: Callable[[int], object]
) -> None:
    reader: User = person("viewer")
    api = api_of(reader)
    for _number in range(8):
        EventFactory.create(sources=[SourceFactory.create()])
    for path in ("events", "properties", "sources", "requests", "findings", "deliveries"):
        with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
            assert api.get(f"{ROOT}/{path}/").status_code == 200
