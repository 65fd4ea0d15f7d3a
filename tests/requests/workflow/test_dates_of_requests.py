"""The days that a request names: those that cannot do their work are refused, those that are due are listed."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditionsError
from catalog.models import Event
from tests.factories.catalog import EventFactory
from tests.factories.requests import RequestFactory
from tests.page_text import one_line
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.models import Request
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.available_steps import available_steps


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def ending(members, days, **fields):
    event = EventFactory.create(owner_team=members.team, is_live=True)
    change = {"has_no_successor": True, "ends_on": in_days(days)}
    return RequestFactory.draft(
        members=members, event=event, action=ChangeAction.DEPRECATE, change=change, reason="Nobody reads it.", **fields
    )


def unmet_codes(lifecycle):
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    return [unmet.code for unmet in caught.value.unmet]


@pytest.mark.parametrize("days", [0, -1, -400])
def test_a_review_date_that_is_not_to_come_keeps_the_request_a_draft(members, days):
    lifecycle = RequestFactory.draft(members=members, review_by=in_days(days))
    assert unmet_codes(lifecycle) == ["review_by"]
    step = next(step for step in available_steps(lifecycle.request, members.pm) if step.to == "requested")
    assert [unmet.code for unmet in step.unmet] == ["review_by"]


def test_a_review_date_to_come_is_taken_and_may_pass_while_others_approve(members):
    lifecycle = RequestFactory.draft(members=members, review_by=in_days(1)).submit()
    Request.objects.update(review_by=in_days(-1))
    lifecycle.request.refresh_from_db()
    assert lifecycle.approve().request.state == RequestState.REVIEWED


def test_an_end_date_that_is_over_keeps_the_request_a_draft(members):
    assert unmet_codes(ending(members, -1, review_by=None)) == ["ends_on"]
    assert ending(members, 0, review_by=None).submit().request.state == RequestState.REQUESTED


def test_where_events_only_end_the_review_date_does_not_count(members, api_of):
    lifecycle = ending(members, 10, review_by=in_days(-1))
    assert lifecycle.submit().request.state == RequestState.REQUESTED
    api = api_of(members.viewer)
    assert api.get("/api/v1/requests/", {"due_within": 5}).json()["results"] == []
    assert len(api.get("/api/v1/requests/", {"due_within": 10}).json()["results"]) == 1


def test_a_day_in_another_century_is_a_warning_that_somebody_accepts(members):
    lifecycle = RequestFactory.draft(members=members, review_by=in_days(365 * 200)).submit()
    step = next(step for step in available_steps(lifecycle.request, members.analyst) if step.to == "reviewed")
    (asked,) = (each for each in step.inputs if each.field == "comment")
    assert asked.is_required
    assert len(asked.details) == 1
    assert "more than ten years away" in asked.details[0]
    with pytest.raises(UnmetConditionsError):
        approve_request(lifecycle.request, by=members.analyst)
    assert approve_request(lifecycle.request, by=members.analyst, comment="As long as the law asks for it.")


@pytest.fixture
def due(members):
    """Requests by the days until they are due: those of a review, of an end, and without any day."""
    by_name = {
        "overdue": RequestFactory.draft(members=members, review_by=in_days(-3)),
        "soon": RequestFactory.draft(members=members, review_by=in_days(10)),
        "later": RequestFactory.draft(members=members, review_by=in_days(90)),
        "never": RequestFactory.draft(members=members, review_by=None),
        "ends": ending(members, 5, review_by=None),
        "withdrawn": RequestFactory.draft(members=members, review_by=in_days(10)),
    }
    Request.objects.filter(pk=by_name["withdrawn"].request.pk).update(state=RequestState.WITHDRAWN)
    return {lifecycle.request.pk: name for name, lifecycle in by_name.items()}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, {"overdue"}),
        (5, {"overdue", "ends"}),
        (10, {"overdue", "ends", "soon"}),
        (90, {"overdue", "ends", "soon", "later"}),
    ],
)
def test_what_is_due_is_a_filter_of_the_api(due, members, api_of, days, expected):
    listed = api_of(members.viewer).get("/api/v1/requests/", {"due_within": days}).json()
    assert {due[row["id"]] for row in listed["results"]} == expected


def test_what_is_due_is_a_list_of_the_page(due, members, client_of):
    page = client_of(members.viewer).get("/requests/", {"due_within": 30, "sort": "review_by"}).content.decode()
    shown = {name for pk, name in due.items() if f'href="/requests/{pk}/"' in page}
    assert shown == {"overdue", "ends", "soon"}
    assert "Due within 30 days" in page


@pytest.mark.parametrize("days", [14, 1, 0])
def test_the_list_of_what_is_due_says_when_and_names_its_days(due, members, client_of, days):
    page = one_line(client_of(members.viewer).get("/requests/", {"due_within": days}).content.decode())
    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', page)
    assert re.findall(r'aria-current="page">\s*([^<]*?)\s*<', tabs) == [
        f"Due within {days} day{'' if days == 1 else 's'}"
    ]
    by_name = {name: pk for pk, name in due.items()}
    row = page[page.index(f'href="/requests/{by_name["overdue"]}/"') :].split("</tr>")[0]
    day = Request.objects.get(pk=by_name["overdue"]).review_by
    assert f'datetime="{day.isoformat()}"' in row and "overdue" in row
    if days == 14:
        row = page[page.index(f'href="/requests/{by_name["ends"]}/"') :].split("</tr>")[0]
        assert f'datetime="{in_days(5).isoformat()}"' in row and "overdue" not in row


def test_one_list_is_chosen_at_a_time(due, members, client_of):
    browser = client_of(members.viewer)
    page = one_line(
        browser.get("/requests/", {"due_within": 14, "waiting_on": "me", "priority": "high"}).content.decode()
    )
    (tabs,) = re.findall(r'<nav class="tabs".*?</nav>', page)
    assert tabs.count("aria-current") == 1
    for address in re.findall(r'href="([^"]+)"', tabs):
        assert not ("waiting_on" in address and "due_within" in address) and "priority=high" in address
    assert ">Due</" not in browser.get("/requests/").content.decode()


def test_the_end_of_an_event_that_is_retired_is_due_no_more(members, api_of):
    lifecycle = ending(members, 5, review_by=None)
    Event.objects.update(status="retired")
    listed = api_of(members.viewer).get("/api/v1/requests/", {"due_within": 30}).json()
    assert lifecycle.request.pk not in {row["id"] for row in listed["results"]}


def test_events_are_listed_by_when_they_end(members, api_of):
    names = {"over": -1, "soon": 10, "later": 60}
    for name, days in names.items():
        event = EventFactory.create(name=name)
        Event.objects.filter(pk=event.pk).update(ends_on=in_days(days), status="deprecated")
    gone = EventFactory.create(name="gone")
    Event.objects.filter(pk=gone.pk).update(ends_on=in_days(1), status="retired")
    EventFactory.create(name="stays")
    listed = api_of(members.viewer).get("/api/v1/events/", {"due_within": 10}).json()
    assert {row["name"]: row["ends_on"] for row in listed["results"]} == {
        "over": in_days(-1).isoformat(),
        "soon": in_days(10).isoformat(),
    }


@pytest.mark.parametrize("value", ["-1", "soon", "1.5", "99999999999"])
@pytest.mark.parametrize("address", ["requests", "events"])
def test_what_is_no_number_of_days_is_refused(members, api_of, address, value):
    answer = api_of(members.viewer).get(f"/api/v1/{address}/", {"due_within": value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "due_within"
