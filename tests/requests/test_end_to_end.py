"""The way of a request with the collector, the check and the task as they run: nothing here is handed in by hand."""

from datetime import timedelta

import pytest

from catalog.models import Event
from catalog.services.write_keys import current_key
from tests.factories.catalog import SourceFactory, create_write_key, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.requests.authoring.draft_editing import edit_change
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import DeliveryState, Lane, RequestState
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.available_steps import automatic_step_blockers
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team)


@pytest.fixture(autouse=True)
def proof(settings):
    settings.PROOF_CLIENT = {"events": 3, "ids": 2, "span": timedelta(0)}


def orders(count, *, version="2.0.0", name="Order Completed", **properties):
    """As many orders, by as many people."""
    return [
        track_call(
            name,
            userId=f"u-{number}",
            properties={"total": 10.5 + number, "coupon": "SPRING"} | properties,
            context={"app": {"version": version}},
        )
        for number in range(count)
    ]


def send_events(source, *events, environment="production"):
    """Let a source send events to the collector, and the worker check them."""
    post_batch(current_key(source, environment) or create_write_key(source, environment), *events)
    process_inbox()


def test_from_request_to_live(members, source):
    lifecycle = RequestFactory.developed(members=members, sources=[source])
    send_events(source, *orders(1, version="2.0.0-rc.1"), environment="staging")
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.qa)
    sample = lifecycle.delivery.verifications.get().evidence["samples"][0]
    assert sample["event"]["properties"]["total"] == 10.5
    send_events(source, *orders(2))
    assert [unmet.code for unmet in automatic_step_blockers(lifecycle.delivery)] == ["proof_events"]
    send_events(source, *orders(3))
    assert advance_deliveries() == 1
    lifecycle.request.refresh_from_db()
    assert lifecycle.request.state == RequestState.LIVE


def test_the_same_batch_sent_again_proves_no_more(members, source):
    lifecycle = RequestFactory.developed(members=members, sources=[source])
    send_events(source, *orders(1), environment="staging")
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.qa)
    batch = orders(2)
    for _ in range(3):
        send_events(source, *batch)
    assert sum(row.proving for row in lifecycle.delivery.evidence.filter(environment="production")) == 2
    assert advance_deliveries() == 0


def test_one_click_on_what_production_sends_masked(members, source):
    send_events(source, *orders(6, name="Cart Viewed"))
    request = request_from_undocumented(SeenName.objects.get(name="Cart Viewed"), by=members.pm)
    assert request.lane == Lane.DOCUMENTING
    drafted = request.changes.get().definition["schema"]["properties"]
    assert (drafted["total"]["type"], drafted["coupon"]["type"]) == ("number", "string")
    change = request.changes.get()
    edit_change(
        change,
        by=members.pm,
        revision=None,
        definition=change.definition | {"description": "Somebody looked at the cart."},
    )
    request = move_request(request, RequestState.REQUESTED, by=members.pm)
    request = move_request(request, RequestState.REVIEWED, by=members.analyst)
    assert request.state == RequestState.LIVE
    batch = orders(1, name="Cart Viewed")
    send_events(source, *batch)
    newest = SeenName.objects.get(name="Cart Viewed").samples.first()
    assert (newest.verdict, newest.version) == ("conforming", Event.objects.get().live_version)


def test_masked_samples_do_not_speak_against_a_definition_they_cannot_show(members, source):
    send_events(source, *orders(6, name="Cart Viewed"))
    schema = {
        "type": "object",
        "properties": {"total": {"type": "number", "minimum": 5}, "coupon": {"enum": ["SPRING"]}},
        "required": ["total"],
    }
    lifecycle = RequestFactory.draft(
        members=members, sources=[source], document=definition("Cart Viewed", schema=schema)
    )
    assert lifecycle.request.lane == Lane.DOCUMENTING
    schema |= {"required": ["total", "currency"]}
    lifecycle = RequestFactory.draft(
        members=members, sources=[source], document=definition("Cart Viewed", schema=schema)
    )
    assert lifecycle.request.lane == Lane.NEW
