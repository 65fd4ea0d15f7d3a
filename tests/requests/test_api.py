"""Requests and deliveries over the API: shapes that other programs lean on, and who may what."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tracking.requests.choices import RequestState
from tracking.requests.models import Delivery, Request

ROOT = "/api/v1"


def body(**fields: Any) -> dict[str, Any]:
    change = {"action": "create", "definition": definition("Wish Made"), "sources": [SourceFactory.create().slug]}
    return {"title": "Know what people wish for", "changes": [change]} | fields


@pytest.fixture
def members(db: None) -> TeamFixture:
    return TeamFixture.create()


def test_a_draft_is_created_with_its_changes(members: TeamFixture, api_of: Callable[..., APIClient]) -> None:
    answer = api_of(members.pm).post(f"{ROOT}/requests/", body())
    assert answer.status_code == 201
    draft = answer.json()
    assert (draft["state"], draft["lane"], draft["author"]) == ("draft", "new", members.pm.username)
    assert draft["changes"][0]["name"] == "Wish Made"
    assert {step["to"] for step in draft["allowed"]} >= {"requested", "withdrawn"}


def test_a_draft_that_is_half_wrong_leaves_nothing(members: TeamFixture, api_of: Callable[..., APIClient]) -> None:
    wrong = {"action": "update", "definition": definition()}
    answer = api_of(members.pm).post(f"{ROOT}/requests/", body(changes=[wrong]))
    assert answer.status_code == 400
    assert not Request.objects.exists()


@pytest.mark.parametrize("fields", [{"title": ""}, {"priority": "someday"}, {"expected_per_day": -1}, {"changes": "x"}])
def test_what_a_field_does_not_hold_is_told(
    members: TeamFixture, api_of: Callable[..., APIClient], fields: dict[str, Any]
) -> None:
    answer = api_of(members.pm).post(f"{ROOT}/requests/", body(**fields))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"]


def test_a_viewer_asks_for_nothing(db: None, api_of: Callable[..., APIClient]) -> None:
    assert api_of(person("viewer")).post(f"{ROOT}/requests/", body()).status_code == 403


def test_two_editors_notice_each_other(members: TeamFixture, api_of: Callable[..., APIClient]) -> None:
    api = api_of(members.pm)
    draft = api.post(f"{ROOT}/requests/", body()).json()
    edit = {"title": "Another title", "revision": draft["revision"]}
    first = api.patch(f"{ROOT}/requests/{draft['id']}/", edit)
    assert first.json()["title"] == "Another title"
    second = api.patch(f"{ROOT}/requests/{draft['id']}/", edit | {"title": "A third"})
    assert second.status_code == 409
    assert second.json()["unmet"][0]["code"] == "edited"


def test_a_step_says_what_is_missing(members: TeamFixture, api_of: Callable[..., APIClient]) -> None:
    api = api_of(members.pm)
    draft = api.post(f"{ROOT}/requests/", body()).json()
    refused = api.post(f"{ROOT}/requests/{draft['id']}/transitions/", {"to": "requested"})
    assert refused.status_code == 409
    codes = {unmet["code"] for unmet in refused.json()["unmet"]}
    step = next(step for step in draft["allowed"] if step["to"] == "requested")
    assert codes == {unmet["code"] for unmet in step["unmet"]}
    assert Request.objects.get(pk=draft["id"]).state == RequestState.DRAFT


def test_an_approval_is_the_analysts(db: None, api_of: Callable[..., APIClient]) -> None:
    lifecycle = RequestFactory.requested()
    address = f"{ROOT}/requests/{lifecycle.request.pk}"
    for wrong in (lifecycle.members.pm, lifecycle.members.developer, lifecycle.members.qa, person("viewer")):
        assert api_of(wrong).post(f"{address}/transitions/", {"to": "reviewed"}).status_code == 403
    analyst = api_of(lifecycle.members.analyst)
    assert analyst.post(f"{address}/approvals/", {"comment": "Yes"}).status_code == 201
    assert analyst.get(f"{address}/").json()["state"] == "reviewed"  # it was the only approval that was needed
    approvals = analyst.get(f"{address}/approvals/").json()["results"]
    assert [(one["person"], one["is_stale"]) for one in approvals] == [(lifecycle.members.analyst.username, False)]


def test_approvals_are_filtered(db: None, api_of: Callable[..., APIClient]) -> None:
    lifecycle = RequestFactory.reviewed()
    api = api_of(lifecycle.members.viewer)
    address = f"{ROOT}/requests/{lifecycle.request.pk}/approvals/"
    for query, expected in (
        ({"person": lifecycle.members.analyst.username, "area": "analysis"}, 1),
        ({"person": lifecycle.members.second_analyst.username}, 0),
    ):
        assert len(api.get(address, query).json()["results"]) == expected, query
    assert api.get(address, {"area": "moon"}).status_code == 400
    assert api.get(address, {"person": "nobody"}).status_code == 400
    assert api.get(f"{ROOT}/requests/999999/approvals/").status_code == 404


def test_a_delivery_is_moved_by_its_people(db: None, api_of: Callable[..., APIClient]) -> None:
    lifecycle = RequestFactory.reviewed()
    delivery: Delivery = lifecycle.delivery
    address = f"{ROOT}/deliveries/{delivery.pk}"
    step = {"to": "developed", "app_version": "2.0.0"}
    for wrong in (lifecycle.members.pm, lifecycle.members.qa, person("developer"), person("viewer")):
        assert api_of(wrong).post(f"{address}/transitions/", step).status_code == 403
    moved = api_of(lifecycle.members.developer).post(f"{address}/transitions/", step)
    assert (moved.json()["state"], moved.json()["app_version"]) == ("developed", "2.0.0")
    again = api_of(lifecycle.members.developer).post(f"{address}/transitions/", step)
    assert again.status_code == 409
    listed = api_of(lifecycle.members.qa).get(f"{ROOT}/deliveries/", {"state": "developed"}).json()["results"]
    assert [row["id"] for row in listed] == [delivery.pk]


def test_a_definition_handed_over_whole_becomes_a_request(
    members: TeamFixture, api_of: Callable[..., APIClient]
) -> None:
    document = definition("Wish Made") | {"sources": [SourceFactory.create().slug]}
    answer = api_of(members.pm).post(f"{ROOT}/events/", document)
    assert answer.status_code == 201
    assert answer.json()["request"]["changes"][0]["definition"] == definition("Wish Made")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:1/x.json"}}},
        {"type": "object", "properties": {"x": {"type": "nonsense"}}},
        {"type": "object", "properties": {"x": {"pattern": "(?=x)y"}}},
    ],
)
def test_a_definition_that_cannot_be_judged_is_refused(
    members: TeamFixture, api_of: Callable[..., APIClient], schema: dict[str, Any]
) -> None:
    document = definition("Wish Made", schema=schema) | {"sources": [SourceFactory.create().slug]}
    answer = api_of(members.pm).post(f"{ROOT}/events/", document)
    assert answer.status_code == 400
    assert [error["pointer"].split("/")[:4] for error in answer.json()["errors"]] == [
        ["#", "schema", "properties", "x"]
    ]
    assert not Request.objects.exists()


def test_a_change_of_an_event_starts_from_its_newest_version(
    members: TeamFixture, api_of: Callable[..., APIClient]
) -> None:
    event = EventFactory.create(name="Order Completed", sources=[SourceFactory.create()])
    change = {"action": "update", "event": event.pk, "definition": definition(description="Other words.")}
    answer = api_of(members.pm).post(f"{ROOT}/requests/", body(changes=[change])).json()
    assert answer["changes"][0]["base"] == "1.0.0"
    assert answer["lane"] == "words"


def test_a_breaking_change_wants_its_replay_seen(db: None, api_of: Callable[..., APIClient]) -> None:
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(name="Order Completed", sources=[source], owner_team=members.team)
    stricter = definition(schema={"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]})
    lifecycle = RequestFactory.requested(members=members, sources=[source], event=event, document=stricter)
    address = f"{ROOT}/requests/{lifecycle.request.pk}"
    analyst = api_of(lifecycle.members.analyst)
    unseen = analyst.post(f"{address}/transitions/", {"to": "reviewed"})
    assert unseen.status_code == 409
    token = analyst.get(f"{address}/").json()["replay"]["token"]
    moved = analyst.post(f"{address}/transitions/", {"to": "reviewed", "evidence": {"replay": token}})
    assert moved.json()["changes"][0]["version"] == "2.0.0"


def linted(**coupon: Any) -> dict[str, Any]:
    properties = {"total": {"type": "number"}, "coupon": coupon}
    return definition("Wish Made", schema={"type": "object", "properties": properties})


def test_a_typing_error_in_a_keyword_is_refused_at_its_place(
    members: TeamFixture, api_of: Callable[..., APIClient]
) -> None:
    good = {"action": "create", "definition": definition("Wish Granted")}
    bad = {"action": "create", "definition": linted(type="string", maxlength=5)}
    answer = api_of(members.pm).post(f"{ROOT}/requests/", body(changes=[good, bad]))
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"].startswith("#/changes/1/definition")
    assert error["detail"].startswith("/schema/properties/coupon/maxlength: ")
    assert error["detail"].endswith("Did you mean maxLength?")
    assert not Request.objects.exists()


def test_the_lints_warnings_come_with_the_answer(members: TeamFixture, api_of: Callable[..., APIClient]) -> None:
    change = {"action": "create", "definition": linted(type=["string", "null"], enum=["ten"])}
    answer = api_of(members.pm).post(f"{ROOT}/requests/", body(changes=[change]))
    assert answer.status_code == 201
    (issue,) = answer.json()["changes"][0]["lint"]
    assert (issue["code"], issue["severity"], issue["place"]) == ("unusable_type", "warning", "coupon")
    assert answer.json()["changes"][0]["problems"] == []


def test_a_definition_handed_over_is_linted_as_one_that_is_asked_for(
    members: TeamFixture, api_of: Callable[..., APIClient]
) -> None:
    api = api_of(members.analyst)
    refused = api.post(f"{ROOT}/events/", linted(type="string", format="datetime"))
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["detail"].endswith("Did you mean date-time?")
    taken = api.post(f"{ROOT}/events/", linted(type="integer", maxLength=3))
    assert taken.status_code == 201
    assert [issue["code"] for issue in taken.json()["request"]["changes"][0]["lint"]] == ["idle_keyword"]


def test_a_pattern_that_slows_every_event_is_refused_unless_it_was_there_before(
    members: TeamFixture, api_of: Callable[..., APIClient]
) -> None:
    api = api_of(members.analyst)
    document = linted(type="string", pattern="a" * 5_000)
    refused = api.post(f"{ROOT}/events/", document)
    assert refused.status_code == 400
    assert "at most 1,000 characters" in refused.json()["errors"][0]["detail"]
    EventFactory.create(name="Wish Made", definition=document)
    assert api.post(f"{ROOT}/events/", document | {"description": "Somebody wishes."}).status_code == 201


def test_a_definition_handed_over_again_keeps_its_old_defects(
    members: TeamFixture, api_of: Callable[..., APIClient]
) -> None:
    EventFactory.create(name="Wish Made", definition=linted(type="string", maxlength=5))
    document = linted(type="string", maxlength=5) | {"description": "Somebody wishes."}
    assert api_of(members.analyst).post(f"{ROOT}/events/", document).status_code == 201
