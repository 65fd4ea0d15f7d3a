"""Events that are deprecated or retired, and what brings them back."""

import pytest

from catalog.choices import Status
from catalog.models import Binding
from tests.factories.catalog import EventFactory, definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.reversal_steps import redraft, wider
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


def end(members, event, action, **change):
    fields = {"has_no_successor": True, "ends_on": "2030-01-01"} | change
    return RequestFactory.draft(
        members=members, event=event, action=action, sources=[], reason="Nobody reads it.", change=fields
    )


def test_deprecating_needs_review_alone_and_counts_at_once(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    successor = EventFactory.create(name="Order Paid", owner_team=members.team)
    lifecycle = (
        end(members, live.event, ChangeAction.DEPRECATE, successor=successor, has_no_successor=False).submit().approve()
    )
    assert lifecycle.request.state == RequestState.LIVE
    event = lifecycle.event
    assert (event.status, event.successor, str(event.ends_on)) == (Status.DEPRECATED, successor, "2030-01-01")
    assert event.live_version == live.change.version


def test_more_than_words_after_a_deprecation_brings_the_event_back(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    end(members, live.event, ChangeAction.DEPRECATE).submit().approve()
    words = RequestFactory.draft(
        members=members, event=live.event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    move_request(words.request, RequestState.LIVE, by=members.pm)
    assert live.event.status == Status.DEPRECATED
    RequestFactory.reviewed(members=members, event=live.event, sources=[source], document=wider())
    assert live.event.status == Status.LIVE


def test_taking_a_retirement_back_brings_the_event_back(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    lifecycle = RequestFactory.draft(
        members=members,
        event=live.event,
        action=ChangeAction.RETIRE,
        sources=[source],
        reason="Nobody reads it.",
        change={"has_no_successor": True, "ends_on": "2030-01-01"},
    )
    lifecycle.submit().approve().develop(app_version="3.0.0")
    assert lifecycle.event.status == Status.RETIRED
    redraft(lifecycle)
    assert lifecycle.event.status == Status.LIVE
    assert not Binding.objects.filter(version=None, ended_at=None).exists()
