"""Every list that can be narrowed to an event takes its id and its exact name, the same on pages and in the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from catalog import filters as catalog_filters
from catalog.models import Event
from catalog.services.events import rename_event
from pages.filters import EventFilterSet, ExactFilter, IdFilter
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, PropertyFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, RequestLifecycle, TeamFixture
from tests.quality.evaluated_batches import make_seen_name
from tracking.quality import filters as quality_filters
from tracking.quality.models import Finding
from tracking.requests import filters as request_filters
from tracking.requests.models import Request
from tracking.traffic import filters as traffic_filters

pytestmark = pytest.mark.django_db
MODULES = (catalog_filters, quality_filters, request_filters, traffic_filters)
OF_THINGS_WITH_NAMES = {"PropertyFilter", "SourceFilter"}  # where `name` is the thing's own


@dataclass(frozen=True)
class TwoEvents:
    """Two live events, each with a request, a delivery, traffic and a finding."""

    first: RequestLifecycle
    second: RequestLifecycle


def filtersets() -> list[type[django_filters.FilterSet]]:
    found = [
        each
        for module in MODULES
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, django_filters.FilterSet) and each.__module__ == module.__name__
    ]
    assert len(found) >= 10
    return found


def test_whatever_filters_by_an_event_does_so_in_one_way() -> None:
    for filterset in filtersets():
        filters = filterset.base_filters
        if "event" in filters:
            assert isinstance(filters["event"], IdFilter), filterset
            assert isinstance(filters["name"], ExactFilter), filterset
            assert issubclass(filterset, EventFilterSet) or filterset.__name__ in OF_THINGS_WITH_NAMES, filterset
        for name, each in filters.items():
            # What is compared as it is must not lose its blanks on the way.
            if type(each) is django_filters.CharFilter:
                assert name == "q", f"{filterset.__name__}.{name}"


@pytest.fixture
def two(db: None) -> TwoEvents:
    members = TeamFixture.create()
    lives = []
    for name in ("Order Completed", "Order Completed Again"):
        live = RequestFactory.live(members=members, document=definition(name))
        Finding.objects.create(
            source=live.delivery.source,
            environment="production",
            seen_name=make_seen_name(name),
            path="/properties/total",
            rule="type",
            severity="error",
            count=1,
            first_seen=live.request.created_at,
            last_seen=live.request.created_at,
        )
        lives.append(live)
    return TwoEvents(*lives)


LISTS = ("events", "requests", "deliveries", "findings", "traffic")


@pytest.mark.parametrize("name", LISTS)
def test_the_api_narrows_by_id_and_by_name(two: TwoEvents, api_of: Callable[..., APIClient], name: str) -> None:
    api = api_of(person())

    def found(**query: Any) -> list[Any]:
        answer = api.get(f"/api/v1/{name}/", query)
        assert answer.status_code == 200, answer.json()
        return [json.dumps(row, sort_keys=True) for row in answer.json()["results"]]

    everything = found()
    for live in (two.first, two.second):
        by_id = found(event=live.event.pk)
        assert by_id and len(by_id) < len(everything)
        assert found(name=live.event.name) == by_id
    for inexact in ("order completed", "Order Complete", " Order Completed", "Order Completed ", "Order%"):
        assert found(name=inexact) == []
    assert found(event=two.first.event.pk, name=two.second.event.name) == []
    assert api.get(f"/api/v1/{name}/", {"event": "Order Completed"}).status_code == 400


@pytest.mark.parametrize("address", ["/events/", "/requests/", "/qa/", "/findings/"])
def test_pages_narrow_by_id_and_by_name(two: TwoEvents, client_of: Callable[..., Client], address: str) -> None:
    client = client_of(two.first.members.analyst)

    def found(**query: Any) -> int:
        answer = client.get(address, query)
        assert answer.status_code == 200
        return int(answer.context["found"])

    for live in (two.first, two.second):
        assert found(event=live.event.pk) == found(name=live.event.name) == 1
    assert found(name="Order Completed ") == found(name="order completed") == 0


def test_sources_and_properties_narrow_by_event_and_keep_their_own_names(
    two: TwoEvents, api_of: Callable[..., APIClient]
) -> None:
    api = api_of(person())

    def found(path: str, **query: Any) -> list[str]:
        return [row["name"] for row in api.get(f"/api/v1/{path}/", query).json()["results"]]

    source = two.second.delivery.source
    assert found("sources", event=two.second.event.pk) == [source.name]
    assert found("sources", name=source.name) == [source.name]
    assert found("sources", name=source.name.lower()) == found("sources", event=999_999) == []
    PropertyFactory.create(name="unused")
    assert "unused" not in found("properties", event=two.first.event.pk)
    assert found("properties", name="unused") == ["unused"]
    assert found("properties", name="unused ") == []


def test_a_request_is_found_by_the_name_that_it_gives_and_that_its_event_had(api_of: Callable[..., APIClient]) -> None:
    RequestFactory.draft(document=definition("Wish Made"))
    renamed = RequestFactory.live(document=definition("Old Name"))
    rename_event(renamed.event, "New Name", by=User.objects.system())
    api = api_of(person())
    for name in ("Wish Made", "Old Name", "New Name"):
        assert len(api.get("/api/v1/requests/", {"name": name}).json()["results"]) == 1
    assert api.get("/api/v1/requests/", {"name": "Name"}).json()["results"] == []


class TestChanges:
    """A change names its event by id or by name."""

    def ask(self, api: APIClient, **change: Any) -> Any:
        return api.post("/api/v1/requests/", {"title": "Retire it", "changes": [{"action": "retire", **change}]})

    def test_an_event_is_named_by_its_id_or_by_its_name(self, api_of: Callable[..., APIClient]) -> None:
        members = TeamFixture.create()
        api = api_of(members.pm)
        source = SourceFactory.create(owner_team=members.team)
        event = EventFactory.create(name="Order Completed", sources=[source], is_live=True)
        other = EventFactory.create(name=str(event.pk + 1_000), sources=[source], is_live=True)
        rename_event(event, "Order Paid", by=User.objects.system())
        for named, found in (
            (event.pk, event),
            (str(event.pk), event),
            ("Order Paid", event),
            ("Order Completed", event),
            (other.name, other),
        ):
            answer = self.ask(api, event=named, successor=other.pk if found is event else "Order Paid")
            assert answer.status_code == 201, answer.json()
            assert answer.json()["changes"][0]["event"] == found.pk
            Request.objects.all().delete()

    def test_a_name_of_nothing_or_of_several_is_told(self, api_of: Callable[..., APIClient]) -> None:
        api = api_of(TeamFixture.create().pm)
        track = EventFactory.create(name="Home")
        page = EventFactory.create(name="Home", call="page")
        answer = self.ask(api, event="Home")
        [error] = answer.json()["errors"]
        assert answer.status_code == 400
        assert error["pointer"] == "#/changes/0/event"
        assert f"{track.pk} (track), {page.pk} (page)" in error["detail"]
        wrongs: tuple[Any, ...] = (
            "home",
            "Home ",
            "Nothing",
            999_999_999,
            2**80,
            -1,
            True,
            1.5,
            [],
            {},
            "a\0b",
            "x" * 5_000,
            "",
        )
        for wrong in wrongs:
            assert self.ask(api, event=wrong).status_code == 400
        assert Event.objects.count() == 2
