"""NUL where the API takes a name: PostgreSQL keeps none, so nothing has it, and that is the caller's error."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories.catalog import EventFactory, definition
from tests.factories.requests import TeamFixture

ROOT = "/api/v1"
EVENT = {"type": "track", "event": "Order Completed"}
CHANGE = {"action": "create", "definition": definition("Wish Made")}


@pytest.fixture
def members(db: None) -> TeamFixture:
    return TeamFixture.create()


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("check", {"source": "\0", "events": [EVENT]}, "#/source"),
        ("events", definition("Wish Made") | {"sources": ["\0"]}, "#/sources"),
        ("requests", {"title": "Wishes", "owner": "\0"}, "#/owner"),
        ("requests", {"title": "Wishes", "team": "web\0"}, "#/team"),
        ("requests", {"title": "Wishes", "changes": [CHANGE | {"sources": ["\0"]}]}, "#/changes/0/sources"),
    ],
)
def test_in_a_body_it_is_a_name_that_nobody_has(
    members: TeamFixture, api_of: Callable[..., APIClient], path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = api_of(members.analyst).post(f"{ROOT}/{path}/", body)
    assert answer.status_code == 400, answer.content
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, "does_not_exist")]


@pytest.mark.parametrize(
    "path",
    ["sources/%00", "sources/web%00", "sources/%00/deploys", "sources/%00/keys/staging/rotate", "categories/%00"],
)
def test_in_an_address_it_is_an_address_of_nothing(
    members: TeamFixture, api_of: Callable[..., APIClient], path: str
) -> None:
    answer = api_of(members.viewer).get(f"{ROOT}/{path}/")
    assert answer.status_code == 404, answer.content


@pytest.mark.parametrize(
    "query",
    [
        *("events/?category=%00", "events/?tag=%00", "events/?team=%00", "events/?source=%00", "events/?name=%00"),
        *("events/?q=%00", "events/?status=%00", "events/?property=%00"),
        *(
            "properties/?team=%00",
            "properties/?name=%00",
            "sources/?team=%00",
            "sources/?q=%00",
            "categories/?parent=%00",
        ),
        *("traffic/?source=%00", "traffic/?event=%00", "traffic/?since=%00"),
        *("findings/?source=%00", "findings/?rule=%00", "findings/?q=%00"),
        *("requests/?team=%00", "requests/?source=%00", "requests/?owner=%00", "requests/?author=%00"),
        *("deliveries/?source=%00", "deliveries/?team=%00"),
    ],
)
def test_in_a_filter_it_finds_nothing_or_is_refused(
    members: TeamFixture, api_of: Callable[..., APIClient], query: str
) -> None:
    EventFactory.create()
    assert api_of(members.viewer).get(f"{ROOT}/{query}").status_code in (200, 400)
