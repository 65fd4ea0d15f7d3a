"""Approvals on the request's page: one button, what is open and who can give it, and what counts no more."""

import re
from itertools import pairwise

import pytest

from accounts.preconditions import UnmetConditionsError
from tests.factories.catalog import EventFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tracking.requests.authoring.draft_editing import add_change, edit_request
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.guards.four_eyes import names_of_approvers
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def other():
    return TeamFixture.create()


@pytest.fixture
def request_of_both(members, other) -> Request:
    """A submitted request over a new event of one team and an event of another."""
    lifecycle = RequestFactory.draft(members=members)
    event = EventFactory.create(name="Order Refunded", definition=definition("Order Refunded"), owner_team=other.team)
    add_change(
        lifecycle.request,
        action=ChangeAction.UPDATE,
        event=event,
        by=members.pm,
        definition=definition("Order Refunded", trigger="Once paid back."),
        sources=lifecycle.sources,
    )
    return lifecycle.submit().request


def page_of(browser, request) -> str:
    return browser.get(f"/requests/{request.pk}/").content.decode()


def approvals_section(text: str) -> str:
    return text.partition('id="approvals"')[2].partition("</section>")[0]


def next_section(text: str) -> str:
    return text.partition('id="next"')[2].partition("</section>")[0]


def revision_on(text: str) -> str:
    """The one revision that every form of a page sends."""
    (revision,) = set(re.findall(r'name="revision" value="(\d+)"', text))
    return revision


def test_the_page_says_what_is_open_and_who_can_approve_it(client_of, members, other, request_of_both):
    section = approvals_section(page_of(client_of(members.viewer), request_of_both))
    assert f"Analysis for {members.team}" in section
    assert f"Analysis for {other.team}" in section
    for analyst in (members.analyst, members.second_analyst, other.analyst, other.second_analyst):
        assert str(analyst) in section
    assert str(members.pm) not in section


def test_the_requester_is_led_to_who_still_has_to_approve(client_of, members, request_of_both):
    assert 'href="#approvals"' in next_section(page_of(client_of(members.pm), request_of_both))


def test_an_approval_in_part_promises_no_version(client_of, members, other, request_of_both):
    whole = "Each change becomes a version"
    part = "You approve your part of it."
    first = next_section(page_of(client_of(members.analyst), request_of_both))
    assert part in first and whole not in first
    approve_request(request_of_both, by=members.analyst)
    last = next_section(page_of(client_of(other.analyst), request_of_both))
    assert whole in last and part not in last


def test_history_names_approved_parts_as_people_do(client_of, members, request_of_both):
    approve_request(request_of_both, by=members.analyst)
    history = page_of(client_of(members.viewer), request_of_both).partition('id="history"')[2]
    assert f"Analysis for {members.team}" in history


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["Ana"], "Ana can do that."),
        (["Ana", "Bo"], "Ana or Bo can do that."),
        (["Ana", "Bo", "Cy"], "Ana, Bo or Cy can do that."),
        (["Ana", "Bo", "Cy", "Di", "Ed"], "Ana, Bo, Cy and 2 more can do that."),
    ],
)
def test_one_of_several_people_can_approve(names, told):
    assert names_of_approvers(names) == told


def test_a_draft_that_was_sent_back_says_why_where_it_goes_on(client_of, members, request_of_both):
    move_request(request_of_both, RequestState.DRAFT, by=members.analyst, comment="Which refunds?")
    told = next_section(page_of(client_of(members.pm), request_of_both))
    assert f"{members.analyst} sent it back: Which refunds?" in told
    move_request(request_of_both, RequestState.REQUESTED, by=members.pm)
    move_request(request_of_both, RequestState.DRAFT, by=members.pm, comment="One more thing.")
    assert "sent it back" not in next_section(page_of(client_of(members.pm), request_of_both))


def test_the_button_records_and_the_last_approval_moves(client_of, members, other, request_of_both):
    url = f"/requests/{request_of_both.pk}/move/"
    browser = client_of(members.analyst)
    assert "Your next step<" in next_section(page_of(browser, request_of_both))
    page = browser.post(url, {"to": "reviewed", "comment": "Our part is right."}, follow=True)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Approved in part." in text
    assert "Our part is right." in approvals_section(text)
    assert f"Analysis for {members.team} is still" not in next_section(text)
    assert "The next step is somebody else" in next_section(text)
    assert f"Analysis for {other.team} is still to be approved." in next_section(text)
    request_of_both.refresh_from_db()
    assert request_of_both.state == RequestState.REQUESTED
    assert request_of_both.title in client_of(other.analyst).get("/").content.decode()
    assert client_of(other.analyst).post(url, {"to": "reviewed"}).status_code == 302
    request_of_both.refresh_from_db()
    assert request_of_both.state == RequestState.REVIEWED
    assert "Still to be approved" not in page_of(browser, request_of_both)


def test_a_partial_approval_by_somebody_else_counts_as_moved(client_of, members, other, request_of_both):
    def etag():
        return client_of(members.pm).get(f"/requests/{request_of_both.pk}/").context["presenter"].etag

    etags = [etag(), etag()]
    approve_request(request_of_both, by=other.analyst)
    etags += [etag(), etag()]
    approve_request(request_of_both, by=other.analyst, comment="Once more.")
    etags.append(etag())
    assert [first == second for first, second in pairwise(etags)] == [True, False, True, False]


def test_an_approval_ended_by_sending_back_is_shown_so(client_of, members, request_of_both):
    browser = client_of(members.analyst)
    browser.post(f"/requests/{request_of_both.pk}/move/", {"to": "reviewed"})
    assert "Of what it says now" in approvals_section(page_of(browser, request_of_both))
    move_request(request_of_both, RequestState.DRAFT, by=members.pm, comment="One more thing.")
    as_draft = approvals_section(page_of(browser, request_of_both))
    move_request(request_of_both, RequestState.REQUESTED, by=members.pm)
    for section in (as_draft, approvals_section(page_of(browser, request_of_both))):
        assert "Ended: sent back since" in section
        assert "Of what it says now" not in section


def test_the_api_answers_approvals_with_their_team_and_whether_they_count(client_of, members, other, request_of_both):
    browser = client_of(members.analyst)
    address = f"/api/v1/requests/{request_of_both.pk}"
    refused = browser.post(f"{address}/transitions/", {"to": "reviewed"}, content_type="application/json")
    assert refused.status_code == 409
    assert [unmet["code"] for unmet in refused.json()["unmet"]] == ["approvals"]
    assert browser.get(f"{address}/approvals/").json()["results"] == []
    given = browser.post(f"{address}/approvals/", {"comment": "Yes"}, content_type="application/json")
    assert given.status_code == 201
    (row,) = browser.get(f"{address}/approvals/").json()["results"]
    assert row == given.json()
    assert (row["area"], row["team"], row["is_stale"], row["is_ended"]) == (
        "analysis",
        members.team.slug,
        False,
        False,
    )
    moved = client_of(other.analyst).post(
        f"{address}/transitions/", {"to": "reviewed"}, content_type="application/json"
    )
    assert moved.json()["state"] == "reviewed"


class TestWhatWasRead:
    """An approver's page may be older than what the request says: then nothing is approved unread."""

    @pytest.fixture
    def reread(self, members, client_of):
        """A submitted request that was taken back, edited and sent again after an analyst opened its page."""
        lifecycle = RequestFactory.requested(members=members)
        request = lifecycle.request
        opened = page_of(client_of(members.analyst), request)
        posted = {"to": "reviewed", "revision": revision_on(opened)}
        move_request(request, RequestState.DRAFT, by=members.pm, comment="One more thing.")
        edit_request(request, by=members.pm, revision=None, decision="Show everybody's purchases to everybody.")
        move_request(request, RequestState.REQUESTED, by=members.pm)
        request.refresh_from_db()
        return request, posted

    def test_an_old_page_approves_nothing(self, client_of, members, reread):
        request, posted = reread
        browser = client_of(members.analyst)
        answer = browser.post(f"/requests/{request.pk}/move/", posted)
        assert answer.status_code == 409
        assert "It was edited since you read it." in answer.content.decode()
        assert not Approval.objects.exists()
        posted["revision"] = revision_on(answer.content.decode())
        assert browser.post(f"/requests/{request.pk}/move/", posted).status_code == 302
        request.refresh_from_db()
        assert request.state == RequestState.REVIEWED

    @pytest.mark.parametrize(("step", "body"), [("approvals", {}), ("transitions", {"to": "reviewed"})])
    def test_the_api_approves_what_it_names(self, api_of, members, reread, step, body):
        request, _ = reread
        api = api_of(members.analyst)
        address = f"/api/v1/requests/{request.pk}"
        refused = api.post(f"{address}/{step}/", body | {"revision": request.revision - 1})
        assert (refused.status_code, [each["code"] for each in refused.json()["unmet"]]) == (409, ["edited"])
        read = api.get(f"{address}/").json()["revision"]
        assert api.post(f"{address}/{step}/", body | {"revision": read}).status_code in (200, 201)

    def test_a_part_of_it_is_not_approved_unread_either(self, members, request_of_both):
        edited = request_of_both.revision - 1
        with pytest.raises(UnmetConditionsError) as caught:
            approve_request(request_of_both, by=members.analyst, revision=edited)
        assert [unmet.code for unmet in caught.value.unmet] == ["edited"]
