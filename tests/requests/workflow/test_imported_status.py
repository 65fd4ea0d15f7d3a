"""An event whose origin said that it is ending keeps that status until a request has decided otherwise."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalog.choices import Status
from catalog.models import Event, Source
from catalog.services.event_projections import update_event_status
from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.requests import RequestFactory, RequestLifecycle, TeamFixture
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.state.event_status import project_event_status
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


def imported(members: TeamFixture, *, is_live: bool) -> Event:
    """An event that its import deprecated."""
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(owner_team=members.team, sources=[source], is_live=is_live)
    version = event.newest_version if is_live else None
    return update_event_status(event, Status.DEPRECATED, live_version=version, by=User.objects.system())


def to_end(members: TeamFixture, event: Event, action: ChangeAction) -> RequestLifecycle:
    change = {"has_no_successor": True, "ends_on": "2030-01-01"}
    return RequestFactory.draft(
        members=members, event=event, action=action, sources=[], reason="Nobody reads it.", change=change
    )


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("action", [ChangeAction.DEPRECATE, ChangeAction.RETIRE])
@pytest.mark.parametrize("end", [RequestState.WITHDRAWN, RequestState.DECLINED, RequestState.DRAFT])
def test_a_request_that_was_not_approved_changes_nothing(
    members: TeamFixture, is_live: bool, action: ChangeAction, end: RequestState
) -> None:
    event = imported(members, is_live=is_live)
    lifecycle = to_end(members, event, action).submit()
    event.refresh_from_db()
    assert event.status == Status.DEPRECATED
    by = members.pm if end == RequestState.WITHDRAWN else members.analyst
    move_request(lifecycle.request, end, by=by, comment="Not now.")
    event.refresh_from_db()
    assert event.status == Status.DEPRECATED


@pytest.mark.parametrize("is_live", [True, False])
def test_a_draft_that_is_withdrawn_changes_nothing(members: TeamFixture, is_live: bool) -> None:
    event = imported(members, is_live=is_live)
    draft = to_end(members, event, ChangeAction.RETIRE)
    move_request(draft.request, RequestState.WITHDRAWN, by=members.pm, comment="Not now.")
    event.refresh_from_db()
    assert event.status == Status.DEPRECATED


def test_the_approval_of_one_of_two_teams_changes_nothing(members: TeamFixture) -> None:
    other = TeamFixture.create()
    event = imported(members, is_live=True)
    lifecycle = to_end(members, event, ChangeAction.DEPRECATE)
    add_change(
        lifecycle.request,
        action=ChangeAction.DEPRECATE,
        by=members.pm,
        event=imported(other, is_live=True),
        has_no_successor=True,
        ends_on="2030-01-01",
    )
    lifecycle.submit()
    approve_request(lifecycle.request, by=members.analyst)
    move_request(lifecycle.request, RequestState.WITHDRAWN, by=members.pm, comment="Not now.")
    event.refresh_from_db()
    assert event.status == Status.DEPRECATED


def test_an_approved_request_decides_and_taking_it_back_undoes_that(members: TeamFixture) -> None:
    event = imported(members, is_live=True)
    lifecycle = RequestFactory.draft(
        members=members,
        event=event,
        action=ChangeAction.RETIRE,
        sources=list(Source.objects.filter(versions__version=event.newest_version)),
        reason="Nobody reads it.",
        change={"has_no_successor": True, "ends_on": "2030-01-01"},
    )
    lifecycle.submit().approve()
    event.refresh_from_db()
    assert event.status == Status.RETIRED
    move_request(lifecycle.request, RequestState.DRAFT, by=members.analyst, comment="Too early.")
    event.refresh_from_db()
    assert event.status == Status.LIVE


def test_the_newest_of_several_approved_changes_decides_in_one_query_for_any_number(members: TeamFixture) -> None:
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(owner_team=members.team, sources=[source], is_live=True)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            project_event_status(event, by=User.objects.system(), at=event.updated_at)
        return len(captured)

    to_end(members, event, ChangeAction.DEPRECATE).submit().approve()
    event.refresh_from_db()
    before = cost()
    for day in ("2031-01-01", "2032-01-01"):
        change = {"has_no_successor": True, "ends_on": day}
        RequestFactory.reviewed(
            members=members, event=event, action=ChangeAction.DEPRECATE, sources=[], reason="Unread.", change=change
        )
    event.refresh_from_db()
    assert str(event.ends_on) == "2032-01-01"
    assert cost() == before
