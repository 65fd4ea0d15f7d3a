"""Lists of requests and deliveries: filters, duties, the stepper, and what they cost."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory as HttpRequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tracking.requests.choices import Lane, RequestState
from tracking.requests.filters import DeliveryFilter, RequestFilter
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.pages.presenters.delivery_presenter import DeliveryPresenter
from tracking.requests.pages.presenters.stepper import build_stepper
from tracking.requests.workflow.assignments import assignments_for
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


def found(query, user=None, filterset=RequestFilter, model=Request):
    http = HttpRequestFactory().get("/", QueryDict(query).dict())
    http.user = user
    filtered = filterset(QueryDict(query), queryset=model.objects.all(), request=http)
    assert filtered.is_valid(), filtered.errors
    return set(filtered.qs)


def test_each_filter_keeps_what_it_says(members):
    source = SourceFactory.create(owner_team=members.team, slug="shop")
    live = RequestFactory.live(members=members, sources=[source], title="Worth of orders").request
    draft = RequestFactory.draft(
        title="Refunds", document=definition("Order Refunded"), priority="urgent", question="Why do people return?"
    ).request
    event = live.changes.get().event
    for query, expected in {
        "": {live, draft},
        "q=refund": {draft},
        "q=order+completed": {live},
        "q=return": {draft},
        "q=nothing+of+it": set(),
        "state=draft": {draft},
        "state=draft&state=live": {live, draft},
        "lane=new": {live, draft},
        "lane=words": set(),
        "priority=urgent": {draft},
        f"team={members.team.slug}": {live},
        "source=shop": {live},
        f"author={members.pm.username}": {live},
        f"owner={members.pm.username}": {live},
        f"event={event.pk}": {live},
        "event=999999999999999999999": set(),
        f"sort=title&team={members.team.slug}": {live},
    }.items():
        assert found(query) == expected, query


def test_filters_of_deliveries(members):
    source = SourceFactory.create(owner_team=members.team, slug="shop")
    lifecycle = RequestFactory.developed(members=members, sources=[source])
    RequestFactory.draft(document=definition("Order Refunded"))
    for query, expected in {
        "state=developed": {lifecycle.delivery},
        "source=shop": {lifecycle.delivery},
        f"team={members.team.slug}": {lifecycle.delivery},
        f"event={lifecycle.event.pk}": {lifecycle.delivery},
        f"request={lifecycle.request.pk}": {lifecycle.delivery},
        "request=99999999999999999999": set(),
        "state=live": set(),
    }.items():
        assert found(query, filterset=DeliveryFilter, model=Delivery) == expected, query
    assert found("waiting_on=me", members.qa, DeliveryFilter, Delivery) == {lifecycle.delivery}


STAGES = {
    RequestState.DRAFT: {"pm"},
    RequestState.REQUESTED: {"analyst", "second_analyst"},
    RequestState.REVIEWED: {"developer"},
    RequestState.DEVELOPED: {"qa"},
    RequestState.TESTED: set(),
    RequestState.LIVE: set(),
    RequestState.DECLINED: set(),
}


@pytest.mark.parametrize("state", list(STAGES))
def test_a_request_waits_on_those_who_take_its_next_step(members, state):
    request = RequestFactory.at(state, members=members).request
    RequestFactory.at(state, document=definition("Order Refunded"))  # another team's
    for role in ("pm", "analyst", "second_analyst", "developer", "qa", "viewer", "admin"):
        person = getattr(members, role)
        expected = {request} if role in STAGES[state] else set()
        assert found("waiting_on=me", person) == expected, role
        assert {duty.request for duty in assignments_for(person)} == expected, role


def test_qa_waits_for_every_lane_that_is_tested_and_for_no_other(members, client_of, monkeypatch):
    delivery = RequestFactory.developed(members=members).delivery
    Change.objects.update(lane=Lane.RETIRING)

    def waits():
        page = client_of(members.qa).get("/qa/").content.decode()
        shown, tested = f"/qa/{delivery.pk}/" in page, DeliveryPresenter(delivery).is_being_tested
        return {shown, tested, found("waiting_on=me", members.qa, DeliveryFilter, Delivery) == {delivery}}

    delivery.refresh_from_db()
    assert waits() == {False}
    for module in ("models.delivery", "pages.views.qa", "pages.presenters.delivery_presenter"):
        monkeypatch.setattr(f"tracking.requests.{module}.LANES_VERIFIED", frozenset({Lane.NEW, Lane.RETIRING}))
    assert waits() == {True}


def test_authors_do_not_wait_for_themselves(members):
    request = RequestFactory.requested(members=members, by=members.analyst).request
    assert found("waiting_on=me", members.analyst) == set()
    assert found("waiting_on=me", members.second_analyst) == {request}


def test_lists_cost_the_same_for_any_number_of_rows(members):
    def cost(work):
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    def list_requests():
        for request in Request.objects.all().with_list_data():
            str(request.author), str(request.owner), str(request.team)
            [change.name for change in request.changes.all()]

    def show_requests():
        for request in Request.objects.all().with_changes():
            [str(delivery.source) for change in request.changes.all() for delivery in change.deliveries.all()]

    def list_deliveries():
        for delivery in Delivery.objects.all().with_list_data():
            str(delivery.source), str(delivery.change.name), str(delivery.change.request), str(delivery.developed_by)

    works = [list_requests, show_requests, list_deliveries, lambda: assignments_for(members.developer)]
    RequestFactory.reviewed(members=members)
    assignments_for(members.developer)  # memberships are read once for each person
    before = [cost(work) for work in works]
    for number in range(3):
        RequestFactory.reviewed(members=members, document=definition(f"Event {number}"))
    assert [cost(work) for work in works] == before
    assert before[:3] == [2, 4, 1]


def test_the_stepper_shows_where_a_request_stands(members):
    sources = [SourceFactory.create(owner_team=members.team) for _ in range(2)]
    lifecycle = RequestFactory.reviewed(members=members, sources=sources)
    lifecycle.develop(only=[lifecycle.deliveries[0]])
    shown = build_stepper(lifecycle.request)
    assert [stage.state for stage in shown.items] == ["draft", "requested", "reviewed", "developed", "tested", "live"]
    assert [stage.is_done for stage in shown.items] == [True, True, False, False, False, False]
    assert [stage.is_current for stage in shown.items].index(True) == 2
    assert [(stage.deliveries_reached, stage.deliveries_total) for stage in shown.items][2:] == [
        (2, 2),
        (1, 2),
        (0, 2),
        (0, 2),
    ]


def test_the_stepper_of_one_that_left_the_way(members):
    lifecycle = RequestFactory.requested(members=members)
    shown = build_stepper(move_request(lifecycle.request, RequestState.DECLINED, by=members.analyst, comment="No."))
    assert shown.terminated_as == "Declined"
    assert not any(stage.is_current or stage.is_done for stage in shown.items)


def test_the_stepper_of_words_is_short(members):
    lifecycle = RequestFactory.draft(members=members)
    lifecycle.request.lane = Lane.WORDS
    assert [stage.state for stage in build_stepper(lifecycle.request).items] == ["draft", "live"]


def test_a_search_finds_other_spellings_of_a_name(members):
    request = RequestFactory.draft(
        members=members, title="A wish", question="Who?", document=definition("Wish Made")
    ).request
    RequestFactory.draft(members=members, title="Another", question="Why?", document=definition("Cart Viewed"))
    for text in ("wishMade", "WISH_MADE", "wish\u200b mad"):
        assert list(RequestFilter({"q": text}, queryset=Request.objects.all()).qs) == [request], text
