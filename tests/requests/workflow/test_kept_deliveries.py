"""Deliveries of a draft that must stay on record, and what a delivery says of itself when it is planned again."""

import csv
import io

import pytest

from accounts.preconditions import UnmetConditionsError
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, ingest
from tracking.requests.authoring.draft_editing import edit_change, remove_change
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.models import Request
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db

FACTS = ("app_version", "developed_at", "developed_by", "tested_at", "tested_by", "live_at", "superseded_by")


def redraft(lifecycle):
    lifecycle.request = move_request(
        lifecycle.request, RequestState.DRAFT, by=lifecycle.request.author, comment="Once more."
    )
    return lifecycle


def send_back(lifecycle, delivery):
    """Develop a delivery and send it back with an event that shows why."""
    lifecycle.develop(only=[delivery])
    ingest(delivery.source, delivery.change.name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0")
    move_delivery(delivery, DeliveryState.REVIEWED, by=lifecycle.members.developer, comment="Totals are texts.")
    assert delivery.pinned_events.count() == 1


def verify_and_drop(lifecycle, delivery, payload=VALID_PAYLOAD):
    """Develop, verify and drop a delivery."""
    lifecycle.develop(only=[delivery])
    ingest(delivery.source, delivery.change.name, [payload], environment="staging", app_version="2.0.0")
    move_delivery(delivery, DeliveryState.TESTED, by=lifecycle.members.qa)
    move_delivery(delivery, DeliveryState.DROPPED, by=lifecycle.members.analyst, comment="Not here.")


def set_sources(lifecycle, *sources):
    edit_change(lifecycle.change, by=lifecycle.request.author, revision=None, sources=sources)


def states(lifecycle):
    return [delivery.state for delivery in lifecycle.deliveries]


def facts(delivery):
    return {name: getattr(delivery, name) for name in FACTS if getattr(delivery, name) not in (None, "")}


@pytest.mark.parametrize("leave_record", [send_back, verify_and_drop])
def test_a_delivery_on_record_is_dropped_with_its_source_and_planned_again_with_it(members, leave_record):
    lifecycle = RequestFactory.reviewed(members=members, source_count=2)
    first, second = lifecycle.deliveries
    leave_record(lifecycle, first)
    redraft(lifecycle)
    set_sources(lifecycle, first.source, second.source)
    assert states(lifecycle) == ["planned", "planned"]
    set_sources(lifecycle, second.source)
    assert states(lifecycle) == ["dropped", "planned"]
    set_sources(lifecycle, first.source)
    assert [(row.source, row.state) for row in lifecycle.deliveries] == [(first.source, "planned")]
    set_sources(lifecycle, first.source, SourceFactory.create())
    lifecycle.submit().approve(by=members.second_analyst)
    assert states(lifecycle) == ["reviewed", "reviewed"]
    assert first.pinned_events.count() + first.verifications.count() == 1


def test_a_request_goes_on_without_the_source_that_left_it(members):
    lifecycle = RequestFactory.reviewed(members=members)
    send_back(lifecycle, lifecycle.delivery)
    redraft(lifecycle)
    set_sources(lifecycle, SourceFactory.create(owner_team=members.team))
    lifecycle.submit().approve(by=members.second_analyst)
    assert (states(lifecycle), lifecycle.request.state) == (["dropped", "reviewed"], "reviewed")


@pytest.mark.parametrize(
    ("leave_record", "code"), [(send_back, "pinned"), (verify_and_drop, "verified")], ids=["pinned", "verified"]
)
def test_a_change_with_a_delivery_on_record_is_not_removed(members, leave_record, code):
    lifecycle = RequestFactory.reviewed(members=members, source_count=2)
    leave_record(lifecycle, lifecycle.deliveries[1])
    redraft(lifecycle)
    with pytest.raises(UnmetConditionsError) as caught:
        remove_change(lifecycle.change, by=lifecycle.request.author)
    assert [unmet.code for unmet in caught.value.unmet] == [code]
    assert lifecycle.change.deliveries.count() == 2


def test_a_change_that_was_sent_back_without_an_event_is_removed(members):
    lifecycle = RequestFactory.developed(members=members)
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=members.qa, comment="Nothing came.")
    remove_change(redraft(lifecycle).change, by=lifecycle.request.author)
    assert lifecycle.changes == []


def test_only_words_are_live_though_a_delivery_was_dropped_for_an_earlier_draft(members):
    source, other = (SourceFactory.create(owner_team=members.team) for _ in range(2))
    base = definition("E")
    event = EventFactory.create(name="E", definition=base, owner_team=members.team, sources=[source, other])
    properties = base["schema"]["properties"] | {"currency": {"type": "string"}}
    wider = definition("E", schema=base["schema"] | {"properties": properties})
    lifecycle = RequestFactory.reviewed(
        members=members, event=event, sources=[source, other], document=wider, message="A currency."
    )
    verify_and_drop(lifecycle, lifecycle.deliveries[0], VALID_PAYLOAD | {"currency": "EUR"})
    redraft(lifecycle)
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=definition("E", description="Other words."))
    lifecycle.request.refresh_from_db()
    lifecycle.submit().approve(by=members.second_analyst)
    assert (states(lifecycle), lifecycle.request.state) == (["dropped"], RequestState.LIVE)


def test_a_delivery_that_is_dropped_after_the_new_approval_still_counts(members):
    lifecycle = RequestFactory.reviewed(members=members, source_count=2)
    verify_and_drop(lifecycle, lifecycle.deliveries[0])
    redraft(lifecycle).submit().approve(by=members.second_analyst)
    assert states(lifecycle) == ["reviewed", "reviewed"]
    for delivery in lifecycle.deliveries:
        move_delivery(delivery, DeliveryState.DROPPED, by=members.analyst, comment="Not at all.")
    assert Request.objects.get(pk=lifecycle.request.pk).state == RequestState.WITHDRAWN


def test_a_delivery_that_is_approved_again_says_nothing_of_the_version_before(members, client_of):
    lifecycle = RequestFactory.reviewed(members=members, source_count=2)
    verify_and_drop(lifecycle, lifecycle.deliveries[0])
    assert facts(lifecycle.deliveries[0]).keys() >= {"app_version", "developed_by", "tested_by", "tested_at"}
    redraft(lifecycle).submit().approve(by=members.second_analyst)
    assert [(row.state, facts(row)) for row in lifecycle.deliveries] == [("reviewed", {})] * 2
    page = client_of(members.viewer).get("/qa/?state=reviewed&export=csv")
    rows = list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert {
        row[name] for row in rows for name in ("app_version", "developed", "developed_by", "tested", "tested_by")
    } == {""}


def test_taking_a_developed_request_back_to_draft_clears_what_was_built(members):
    lifecycle = redraft(RequestFactory.developed(members=members, source_count=2))
    assert [(row.state, facts(row)) for row in lifecycle.deliveries] == [("planned", {})] * 2
    lifecycle.submit().approve(by=members.second_analyst)
    assert [(row.state, facts(row)) for row in lifecycle.deliveries] == [("reviewed", {})] * 2
