"""Lists of requests and deliveries: filters, duties, the stepper, and what they cost."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory as HttpRequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import Cast, RequestFactory
from tracking.requests.choices import Lane, State
from tracking.requests.filters import DeliveryFilter, RequestFilter
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.pages.presenters.delivery_presenter import DeliveryReading
from tracking.requests.pages.presenters.stepper import stepper
from tracking.requests.workflow.assignments import duties_of
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


def found(query, user=None, filterset=RequestFilter, model=Request):
    http = HttpRequestFactory().get("/", QueryDict(query).dict())
    http.user = user
    filtered = filterset(QueryDict(query), queryset=model.objects.all(), request=http)
    assert filtered.is_valid(), filtered.errors
    return set(filtered.qs)


def test_each_filter_keeps_what_it_says(cast):
    source = SourceFactory.create(owner_team=cast.team, slug="shop")
    live = RequestFactory.live(cast=cast, sources=[source], title="Worth of orders").request
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
        f"team={cast.team.slug}": {live},
        "source=shop": {live},
        f"author={cast.pm.username}": {live},
        f"owner={cast.pm.username}": {live},
        f"event={event.pk}": {live},
        "event=999999999999999999999": set(),
        f"sort=title&team={cast.team.slug}": {live},
    }.items():
        assert found(query) == expected, query


def test_filters_of_deliveries(cast):
    source = SourceFactory.create(owner_team=cast.team, slug="shop")
    walk = RequestFactory.developed(cast=cast, sources=[source])
    RequestFactory.draft(document=definition("Order Refunded"))
    for query, expected in {
        "state=developed": {walk.delivery},
        "source=shop": {walk.delivery},
        f"team={cast.team.slug}": {walk.delivery},
        f"event={walk.event.pk}": {walk.delivery},
        f"request={walk.request.pk}": {walk.delivery},
        "request=99999999999999999999": set(),
        "state=live": set(),
    }.items():
        assert found(query, filterset=DeliveryFilter, model=Delivery) == expected, query
    assert found("waiting_on=me", cast.qa, DeliveryFilter, Delivery) == {walk.delivery}


STAGES = {
    State.DRAFT: {"pm"},
    State.REQUESTED: {"analyst", "lead"},
    State.REVIEWED: {"developer"},
    State.DEVELOPED: {"qa"},
    State.TESTED: set(),
    State.LIVE: set(),
    State.DECLINED: set(),
}


@pytest.mark.parametrize("state", list(STAGES))
def test_a_request_waits_on_those_who_take_its_next_step(cast, state):
    request = RequestFactory.at(state, cast=cast).request
    RequestFactory.at(state, document=definition("Order Refunded"))  # another team's
    for role in ("pm", "analyst", "lead", "developer", "qa", "viewer", "admin"):
        person = getattr(cast, role)
        expected = {request} if role in STAGES[state] else set()
        assert found("waiting_on=me", person) == expected, role
        assert {duty.request for duty in duties_of(person)} == expected, role


def test_qa_waits_for_every_lane_that_is_tested_and_for_no_other(cast, client_of, monkeypatch):
    delivery = RequestFactory.developed(cast=cast).delivery
    Change.objects.update(lane=Lane.RETIRING)

    def waits():
        page = client_of(cast.qa).get("/qa/").content.decode()
        shown, tested = f"/qa/{delivery.pk}/" in page, DeliveryReading(delivery).is_being_tested
        return {shown, tested, found("waiting_on=me", cast.qa, DeliveryFilter, Delivery) == {delivery}}

    delivery.refresh_from_db()
    assert waits() == {False}
    for module in ("models.delivery", "pages.views.qa", "pages.presenters.delivery_presenter"):
        monkeypatch.setattr(f"tracking.requests.{module}.TESTED", frozenset({Lane.NEW, Lane.RETIRING}))
    assert waits() == {True}


def test_authors_do_not_wait_for_themselves(cast):
    request = RequestFactory.requested(cast=cast, by=cast.analyst).request
    assert found("waiting_on=me", cast.analyst) == set()
    assert found("waiting_on=me", cast.lead) == {request}


def test_lists_cost_the_same_for_any_number_of_rows(cast):
    def cost(work):
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    def list_requests():
        for request in Request.objects.all().with_list_data():
            str(request.author), str(request.owner), str(request.team)
            [change.name for change in request.changes.all()]

    def show_requests():
        for request in Request.objects.all().with_page_data():
            stepper(request)
            [str(delivery.source) for change in request.changes.all() for delivery in change.deliveries.all()]

    def list_deliveries():
        for delivery in Delivery.objects.all().with_list_data():
            str(delivery.source), str(delivery.change.name), str(delivery.change.request), str(delivery.developed_by)

    works = [list_requests, show_requests, list_deliveries, lambda: duties_of(cast.developer)]
    RequestFactory.reviewed(cast=cast)
    duties_of(cast.developer)  # memberships are read once for each person
    before = [cost(work) for work in works]
    for number in range(3):
        RequestFactory.reviewed(cast=cast, document=definition(f"Event {number}"))
    assert [cost(work) for work in works] == before
    assert before[:3] == [2, 4, 1]


def test_the_stepper_shows_where_a_request_stands(cast):
    sources = [SourceFactory.create(owner_team=cast.team) for _ in range(2)]
    walk = RequestFactory.reviewed(cast=cast, sources=sources)
    walk.develop(only=[walk.deliveries[0]])
    shown = stepper(walk.request)
    assert [stage.state for stage in shown.stages] == ["draft", "requested", "reviewed", "developed", "tested", "live"]
    assert [stage.is_done for stage in shown.stages] == [True, True, False, False, False, False]
    assert [stage.is_current for stage in shown.stages].index(True) == 2
    assert [(stage.reached, stage.of) for stage in shown.stages][2:] == [(2, 2), (1, 2), (0, 2), (0, 2)]


def test_the_stepper_of_one_that_left_the_way(cast):
    walk = RequestFactory.requested(cast=cast)
    shown = stepper(move_request(walk.request, State.DECLINED, by=cast.analyst, comment="No."))
    assert shown.ended == "Declined"
    assert not any(stage.is_current or stage.is_done for stage in shown.stages)


def test_the_stepper_of_words_is_short(cast):
    walk = RequestFactory.draft(cast=cast)
    walk.request.lane = Lane.WORDS
    assert [stage.state for stage in stepper(walk.request).stages] == ["draft", "live"]
