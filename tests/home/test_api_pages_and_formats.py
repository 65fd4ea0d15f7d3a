"""What the API's lists answer to a cursor, a size or a format that is none: 400 with the reason, at every address."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django_filters import BooleanFilter
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Event
from pages.filters import YesNoFilter
from tests.factories.catalog import EventFactory, PropertyFactory
from tests.home.test_strict_api import READS, ROUTES

pytestmark = pytest.mark.django_db
LISTS = ("events", "findings", "traffic", "sources", "properties", "requests")


@pytest.fixture
def api(api_of: Callable[..., APIClient], stranger: User) -> APIClient:
    return api_of(stranger)


def cursor(text: str) -> str:
    return quote(b64encode(text.encode()).decode())


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("name", ["csv", "CSV", "xml", "jsn", "\0"])
def test_an_unknown_format_is_400_and_names_one_that_there_is(api: APIClient, address: str, name: str) -> None:
    answer = api.get(f"/api/v1/{address}/", {"format": name})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["parameter"] == "format"
    assert "“json”" in error["detail"] or "There are: json." in error["detail"]
    assert ("button “CSV”" in error["detail"]) is (name.lower() == "csv")


def test_the_format_of_a_single_thing_and_of_a_wrong_token(api: APIClient) -> None:
    event = EventFactory.create()
    assert api.get(f"/api/v1/events/{event.pk}/", {"format": "yaml"}).status_code == 400
    assert api.get(f"/api/v1/events/{event.pk}/", {"format": "json"}).status_code == 200
    assert api.post("/api/v1/check/?format=csv", {}).status_code == 400
    assert APIClient().get("/api/v1/events/").status_code == 401


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    "wrong",
    [
        *("abc", "%00", "%FF", "é", "!!!!"),
        *(cursor("o=-1"), cursor("o=x"), cursor("r=x"), cursor(f"o={10**30}"), cursor("p=\0")),
    ],
)
def test_a_cursor_that_is_none_is_400(api: APIClient, address: str, wrong: str) -> None:
    answer = api.get(f"/api/v1/{address}/?cursor={wrong}")
    assert answer.status_code == 400, answer.content
    [error] = answer.json()["errors"]
    assert (error["parameter"], error["code"]) == ("cursor", "invalid")
    assert "“next”" in error["detail"]


@pytest.mark.parametrize("position", ["abc", "2026-02-30T00:00:00Z", "9" * 400, "2026-13-01", "\ud800"])
def test_a_cursor_of_another_list_is_400(api: APIClient, position: str) -> None:
    encoded = quote(b64encode(f"p={quote(position, errors='replace')}".encode()).decode())
    answer = api.get(f"/api/v1/findings/?cursor={encoded}")
    assert answer.status_code == 400, answer.content
    assert [error["parameter"] for error in answer.json()["errors"]] == ["cursor"]


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("size", ["0", "-1", "abc", "1.5", "1_0", "٣", "1e3", " 5", "9" * 5000])
def test_a_size_that_is_none_is_400(api: APIClient, address: str, size: str) -> None:
    answer = api.get(f"/api/v1/{address}/", {"page_size": size})
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == "page_size"
    assert "1 to 200" in error["detail"]


def test_right_ones_still_lead_through_every_page(api: APIClient) -> None:
    for number in range(5):
        EventFactory.create(name=f"Event {number}")
    seen, url = [], "/api/v1/events/?page_size=2&cursor="
    while url:
        page = api.get(url).json()
        seen += [row["name"] for row in page["results"]]
        url = page["next"]
    assert sorted(seen) == sorted(Event.objects.values_list("name", flat=True))
    assert len(api.get("/api/v1/events/?page_size=100000").json()["results"]) == 5


def test_a_yes_or_no_that_is_neither_is_400(api: APIClient) -> None:
    PropertyFactory.create(name="unused")
    for text in ("maybe", "-1", "2026-13-01", "\0", "truee", "null"):
        for query in ({"used": text}, {"used": text, "page_size": "1"}):
            answer = api.get("/api/v1/properties/", query)
            assert answer.status_code == 400, text
            assert [error["parameter"] for error in answer.json()["errors"]] == ["used"]
            assert "true or false" in answer.json()["errors"][0]["detail"]
    for text in ("true", "TRUE", "1", "yes"):
        assert api.get("/api/v1/properties/", {"used": text}).json()["results"] == []
    for text in ("false", "0", "No"):
        assert [row["name"] for row in api.get("/api/v1/properties/", {"used": text}).json()["results"]] == ["unused"]
    assert api.get("/api/v1/properties/", {"used": ""}).status_code == 400


@pytest.mark.parametrize(("name", "method"), [read for read in READS if read[0].endswith("-list")])
def test_every_choice_between_yes_and_no_is_strict(name: str, method: str) -> None:
    view = next(route.view for route in ROUTES if route.name == name)
    for each, used in view.filterset_class.base_filters.items():
        assert isinstance(used, YesNoFilter) or not isinstance(used, BooleanFilter), each
