"""The profile of an event over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Event, WriteKey
from tests.factories.accounts import person
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.profiling.tasks import fold_profiles


@pytest.fixture
def api(db: None, api_of: Callable[..., APIClient]) -> APIClient:
    return api_of(person("viewer"))


@pytest.fixture
def address(key: WriteKey, order: Event) -> str:
    """Where the profile of three events of two app versions stands."""
    for version, plan in (("2.4", "free"), ("2.4", "gold"), ("2.5", "free")):
        properties = {"total": 1, "plan": plan, "method": "card"}
        post_batch(key, track_call("Order Completed", properties=properties, context={"app": {"version": version}}))
    process_inbox()
    fold_profiles()
    return f"/api/v1/events/{order.pk}/profile/"


def by_path(answer: Any) -> dict[str, dict[str, Any]]:
    return {each["path"]: each for each in answer.json()["properties"]}


def test_each_property_has_its_counts(api: APIClient, address: str) -> None:
    answer = api.get(address)
    assert answer.status_code == 200
    assert (answer.json()["events"], answer.json()["people"], answer.json()["days"]) == (3, 1, 7)
    found = by_path(answer)
    assert found["/properties/total"] == {
        "path": "/properties/total",
        "parents": 3,
        "present": 3,
        "null": 0,
        "wrong_type": 0,
        "fill_rate": 1.0,
        "distinct_values": 1,
        "values": None,
    }
    assert found["/properties/plan"]["values"] == {'"free"': 2, "(other)": 1}
    assert found["/properties/method"]["values"] is None
    assert found["/properties/coupon"]["fill_rate"] == 0.0


@pytest.mark.parametrize(
    ("query", "events"),
    [
        ("app_version=2.4", 2),
        ("app_version=", 0),
        ("source=web-shop&app_version=2.5", 1),
        ("source=ios", 0),
        ("environment=staging", 0),
        ("days=1", 3),
    ],
)
def test_it_is_narrowed_by_what_is_asked(api: APIClient, address: str, query: str, events: int) -> None:
    assert api.get(f"{address}?{query}").json()["events"] == events


@pytest.mark.parametrize(
    "query", ["days=0", "days=91", "days=x", "environment=moon", "source=nobody", "source=", "day=3"]
)
def test_what_would_not_count_is_refused(api: APIClient, address: str, query: str) -> None:
    answer = api.get(f"{address}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.split("=")[0]


def test_an_event_that_is_not_there_is_404(api: APIClient, order: Event) -> None:
    assert api.get("/api/v1/events/999999999/profile/").status_code == 404


def test_nobody_is_told_without_a_token(address: str) -> None:
    assert APIClient().get(address).status_code == 401
