"""The page of a request: what it says in each state, and how many queries it takes."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import HistoryEntry, User
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture, ingest
from tests.requests.pages.page_answers import first, queries_of, text_of
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.choices import Lane, RequestState
from tracking.requests.models import Delivery, Request
from tracking.requests.pages.presenters.status_messages import request_status_message
from tracking.requests.workflow.steps.step_conflicts import already_moved_message
from tracking.requests.workflow.steps.transitions import TRANSITIONS, Subject
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


def test_a_stranger_is_told_whose_turn_it_is(client_of, stranger):
    lifecycle = RequestFactory.requested()
    text = text_of(client_of(stranger).get(f"/requests/{lifecycle.request.pk}/"))
    assert "Waiting for an analyst&#x27;s approval" in text
    assert "This is the step of an analyst" in text


@pytest.mark.parametrize(
    "state", [RequestState.DRAFT, RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED]
)
def test_each_step_says_whom_it_waits_for(state, client_of, stranger):
    lifecycle = RequestFactory.at(state)
    text = text_of(client_of(stranger).get(f"/requests/{lifecycle.request.pk}/"))
    told = {
        RequestState.DRAFT: f"Waiting for {lifecycle.members.pm} to submit it",
        RequestState.REQUESTED: "Waiting for an analyst&#x27;s approval",
        RequestState.REVIEWED: f"Waiting for a developer to build it on {lifecycle.sources[0]}",
        RequestState.DEVELOPED: f"Waiting for QA to verify it on {lifecycle.sources[0]}",
    }
    assert f"<h2>{told[state]}</h2>" in text


def test_there_is_a_sentence_for_every_state():
    for state in RequestState:
        for lane in Lane:
            assert request_status_message(Request(state=state, lane=lane)).endswith(".")
    for row in TRANSITIONS:
        for start in row.from_states:
            kind: Any = Request if row.subject is Subject.REQUEST else Delivery
            moved = kind(state=start)
            entry = HistoryEntry(actor=User(name="Jonas"), at=timezone.now())
            assert "Jonas already " in already_moved_message(moved, row.to, entry, by=User(pk=1), at=timezone.now())


def test_a_breaking_change_is_approved_by_whoever_saw_its_replay(client_of):
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, slug="web-shop")
    event = EventFactory.create(name="Order Completed", sources=[source], owner_team=members.team, is_live=True)
    ingest(source, event.name, [{"total": 1}], environment="staging")
    stricter = definition(schema={**definition()["schema"], "required": ["total", "coupon"]})
    lifecycle = RequestFactory.requested(members=members, sources=[source], event=event, document=stricter)
    analyst = client_of(members.analyst)
    text = text_of(analyst.get(f"/requests/{lifecycle.request.pk}/"))
    assert "1.0.0 → 2.0.0" in text
    assert "Breaking: some event that passes now would not." in text
    assert "Would stop conforming" in text
    page = analyst.post(f"/requests/{lifecycle.request.pk}/move/", {"to": "reviewed"})
    assert page.status_code == 422
    assert "Look at its replay first" in text_of(page)
    token = first(r'name="replay" value="([^"]+)"', text)
    page = analyst.post(f"/requests/{lifecycle.request.pk}/move/", {"to": "reviewed", "replay": token})
    assert page.status_code == 302
    assert "Saw the replay" in text_of(analyst.get(page["Location"]))


def test_a_compatible_change_is_not_called_breaking_by_its_lane(client_of):
    live = RequestFactory.live()
    schema = definition()["schema"]
    wider = definition(schema=schema | {"properties": schema["properties"] | {"note": {"type": "string"}}})
    lifecycle = RequestFactory.requested(members=live.members, sources=live.sources, event=live.event, document=wider)
    text = text_of(client_of(live.members.analyst).get(f"/requests/{lifecycle.request.pk}/"))
    assert "Compatible: every event that was valid stays valid." in text
    assert "Full way" in text
    assert "New or breaking" not in text


def test_the_reviewer_is_shown_what_lives_under_nearly_the_same_name(client_of):
    members = TeamFixture.create()
    for name, is_live in (("Product Compared", True), ("Products Compare", False), ("Order Completed", True)):
        source = SourceFactory.create(owner_team=members.team)
        EventFactory.create(name=name, sources=[source], owner_team=members.team, is_live=is_live)
    lifecycle = RequestFactory.requested(members=members, document=definition("Compared Products"))
    url = f"/requests/{lifecycle.request.pk}/"
    text = text_of(client_of(members.analyst).get(url))
    told = text[text.index("Similar and live") :].partition("</p>")[0]
    assert "Product Compared" in told
    assert "Products Compare<" not in told
    assert "Order Completed" not in told
    lifecycle.approve()
    assert "Similar and live" not in text_of(client_of(members.analyst).get(url))


def test_an_approval_of_other_words_is_shown_as_stale(client_of):
    lifecycle = RequestFactory.reviewed()
    move_request(lifecycle.request, RequestState.DRAFT, by=lifecycle.members.pm, comment="One more thing.")
    edit_request(lifecycle.request, by=lifecycle.members.pm, revision=None, question="Another question?")
    assert "Stale: edited since" in text_of(client_of(lifecycle.members.pm).get(f"/requests/{lifecycle.request.pk}/"))


def test_a_request_that_was_declined_before_its_review_awaits_nothing(client_of):
    lifecycle = RequestFactory.at(RequestState.DECLINED)
    page = text_of(client_of(lifecycle.members.pm).get(lifecycle.request.get_absolute_url()))
    assert "Dropped" in page
    assert "Begins when the request is approved." not in page


def test_the_page_renews_itself_only_while_something_can_move(client_of):
    lifecycle = RequestFactory.tested()
    browser = client_of(lifecycle.members.pm)
    page = text_of(browser.get(f"/requests/{lifecycle.request.pk}/"))
    url = first(r'hx-get="([^"]+)" hx-trigger="every 2s"', page).replace("&amp;", "&")
    fragment = text_of(browser.get(url, headers={"HX-Request": "true"}))
    assert "Proof events" in fragment
    assert "hx-swap-oob" not in fragment
    lifecycle.prove()
    fragment = text_of(browser.get(url, headers={"HX-Request": "true"}))
    assert "every 2s" not in fragment
    assert 'id="next"' in fragment
    assert "Everything that was asked for is live" in fragment
    assert "<html" not in fragment
    assert "every 2s" not in text_of(browser.get(f"/requests/{lifecycle.request.pk}/"))


@pytest.mark.parametrize(
    "state",
    [
        RequestState.DRAFT,
        RequestState.REQUESTED,
        RequestState.REVIEWED,
        RequestState.DEVELOPED,
        RequestState.TESTED,
        RequestState.LIVE,
    ],
)
def test_the_page_stays_within_its_budget(state, client_of, django_assert_max_num_queries):
    members = TeamFixture.create()
    lifecycle = RequestFactory.at(state, members=members)
    for role in ("pm", "analyst", "developer", "qa"):
        browser = client_of(getattr(members, role))
        queries_of(browser, f"/requests/{lifecycle.request.pk}/", django_assert_max_num_queries, 25)


def test_a_hundred_changes_are_read_a_page_at_a_time(client_of, django_assert_max_num_queries):
    lifecycle = RequestFactory.draft()
    change = lifecycle.change
    for number in range(99):
        change.pk = None
        change.definition = definition(f"Event {number}")
        change.save()
    browser = client_of(lifecycle.members.analyst)
    url = f"/requests/{lifecycle.request.pk}/"
    assert text_of(browser.get(url)).count('id="change-') == 10
    assert text_of(browser.get(f"{url}?page=10")).count('id="change-') == 10
    queries_of(browser, f"{url}?page=10", django_assert_max_num_queries, 40)


RARE_TEXT = {"type": "string", "pattern": "^q{1,3}z{2}w$", "not": {"enum": ["qzzw", "qqzzw"]}}
TEXTS = {name: {"type": "string"} for name in ("email", "phone", "id", "sku")}
BRANCHES = [{"anyOf": [{"required": ["email"]}, {"required": ["phone"]}]}, {"anyOf": [{"required": ["id"]}]}]


@pytest.mark.parametrize(
    ("schema", "has_example"),
    [
        ({"type": "object", "properties": TEXTS, "allOf": BRANCHES}, True),
        ({"type": "object", "anyOf": [{}, {}], "allOf": [{"anyOf": [{}, {}]}]}, True),
        ({"type": "object", "required": ["email"], "properties": {"email": RARE_TEXT}}, False),
    ],
)
def test_pages_of_a_request_show_branches_inside_branches_and_what_no_example_is_found_of(
    client_of, schema, has_example
):
    lifecycle = RequestFactory.reviewed(document=definition("Branching", schema=schema))
    browser = client_of(lifecycle.members.developer)

    for url in (f"/requests/{lifecycle.request.pk}/", f"/qa/{lifecycle.delivery.pk}/"):
        page = browser.get(url)
        assert page.status_code == 200
        assert ("no values that pass the definition were found" in text_of(page).lower()) is not has_example
    assert browser.get(lifecycle.event.get_absolute_url()).status_code == 200
