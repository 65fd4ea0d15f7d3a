"""Whose approval a request needs: by area and by team; who is asked, who may, and what counts."""

import importlib

import pytest
from django.db import connection

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.services.events import classify_event
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, definition, publish_next_version
from tests.factories.requests import RequestFactory, TeamFixture
from tests.requests.workflow.approval_requests import NAMES, is_asked, open_labels, request_over
from tests.requests.workflow.guarded_steps import codes_of
from tracking.requests.authoring.draft_editing import edit_request, rebase_change
from tracking.requests.choices import RequestState
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.approvals import is_ended, is_stale
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.required_approvals import active_approvals
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


def test_the_team_of_the_event_is_asked_and_not_the_team_of_the_request(members, other):
    event = EventFactory.create(name=NAMES[0], definition=definition(), owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.requested(members=other, team=other.team, event=event, document=document)
    assert is_asked(members.analyst, lifecycle.request)
    assert not is_asked(other.analyst, lifecycle.request)
    with pytest.raises(Forbidden):
        approve_request(lifecycle.request, by=other.analyst)
    assert open_labels(lifecycle.request) == [f"Analysis for {members.team}"]


def test_a_new_event_is_approved_by_the_team_of_the_request(members, other):
    lifecycle = RequestFactory.requested(members=members, team=members.team)
    assert is_asked(members.analyst, lifecycle.request)
    assert not is_asked(other.analyst, lifecycle.request)


def test_events_of_two_teams_need_the_analysts_of_both(members, other):
    request = request_over(members, other).submit().request
    approve_request(request, by=members.analyst, comment="Ours is right.")
    request.refresh_from_db()
    assert request.state == RequestState.REQUESTED
    assert open_labels(request) == [f"Analysis for {other.team}"]
    assert (is_asked(members.analyst, request), is_asked(members.second_analyst, request)) == (False, False)
    assert is_asked(other.analyst, request)
    last = approve_request(request, by=other.analyst)
    request.refresh_from_db()
    assert (request.state, last.person, last.team) == (RequestState.REVIEWED, other.analyst, other.team)
    assert {change.version is not None for change in request.changes.all()} == {True}
    assert {approval.person for approval in active_approvals(request)} == {members.analyst, other.analyst}


def test_the_step_to_reviewed_names_what_is_open_and_records_nothing(members, other):
    request = request_over(members, other).submit().request
    history = HistoryEntry.objects.count()
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(request, RequestState.REVIEWED, by=members.analyst)
    assert codes_of(caught) == {"approvals"}
    assert f"Analysis for {other.team} is still to be approved." in str(caught.value)
    assert str(other.analyst) in str(caught.value)
    assert (Approval.objects.count(), HistoryEntry.objects.count()) == (0, history)
    step = next(step for step in available_steps(request, members.analyst) if step.to == RequestState.REVIEWED)
    assert (step.is_permitted, step.is_allowed, [unmet.code for unmet in step.unmet]) == (True, False, ["approvals"])
    approve_request(request, by=other.analyst)
    assert move_request(request, RequestState.REVIEWED, by=members.analyst).state == RequestState.REVIEWED


def test_an_analyst_of_the_whole_company_counts_for_every_team(members, other):
    request = request_over(members, other).submit().request
    analyst = person(Role.ANALYST)
    assert is_asked(analyst, request)
    approval = approve_request(request, by=analyst)
    request.refresh_from_db()
    assert (request.state, approval.team, request.approvals.count()) == (RequestState.REVIEWED, None, 1)


def test_an_analyst_of_both_teams_counts_for_both(members, other):
    request = request_over(members, other).submit().request
    members.analyst.memberships.create(team=other.team, role=Role.ANALYST)
    approve_request(request, by=type(members.analyst).objects.get(pk=members.analyst.pk))
    request.refresh_from_db()
    assert request.state == RequestState.REVIEWED
    assert {approval.team for approval in request.approvals.all()} == {members.team, other.team}


@pytest.mark.parametrize("role", ["pm", "developer", "qa", "viewer", "admin"])
def test_others_are_neither_asked_nor_allowed(members, other, role):
    request = request_over(members, other).submit().request
    for user in (getattr(members, role), getattr(other, role), person(Role.ANALYST, team=TeamFixture.create().team)):
        assert not is_asked(user, request)
        with pytest.raises(Forbidden):
            approve_request(request, by=user)


def test_either_teams_analyst_may_send_back(members, other):
    request = request_over(members, other).submit().request
    sent_back = move_request(request, RequestState.DRAFT, by=other.analyst, comment="Ours is called otherwise.")
    assert sent_back.state == RequestState.DRAFT


def test_sending_back_ends_approvals_and_a_new_submission_begins_without_any(members, other):
    request = request_over(members, other).submit().request
    first = approve_request(request, by=members.analyst, comment="The first time.")
    move_request(request, RequestState.DRAFT, by=other.analyst, comment="What is the trigger?")
    first.refresh_from_db()
    assert (is_ended(first), is_stale(first)) == (True, False)
    assert active_approvals(first.request) == []
    request = move_request(first.request, RequestState.REQUESTED, by=members.pm)
    assert len(open_labels(request)) == 2
    assert is_asked(members.analyst, request)
    second = approve_request(request, by=members.analyst, comment="The second time.")
    assert (second.pk != first.pk, second.comment, second.created_at > first.created_at) == (
        True,
        "The second time.",
        True,
    )
    first.refresh_from_db()
    assert (first.comment, is_ended(first)) == ("The first time.", True)
    assert active_approvals(request) == [second]


def test_approving_the_same_again_renews_time_and_comment_and_history_keeps_both(members, other):
    request = request_over(members, other).submit().request
    first = approve_request(request, by=members.analyst, comment="Fine.")
    again = approve_request(request, by=members.analyst, comment="Still fine.")
    assert (again.pk, again.comment, again.created_at > first.created_at) == (first.pk, "Still fine.", True)
    told = HistoryEntry.objects.for_subject("request", request.pk).filter(action="approved")
    assert [entry.message for entry in told] == ["Fine.", "Still fine."]
    assert approve_request(request, by=members.analyst).comment == "Still fine."


def test_an_edit_after_an_approval_needs_it_anew(members, other):
    request = request_over(members, other).submit().request
    approval = approve_request(request, by=members.analyst)
    move_request(request, RequestState.DRAFT, by=members.pm, comment="One more thing.")
    edit_request(request, by=members.pm, revision=None, question="And how many of them?")
    request = move_request(request, RequestState.REQUESTED, by=members.pm)
    approval.refresh_from_db()
    assert (is_ended(approval), is_stale(approval)) == (True, True)
    assert len(open_labels(request)) == 2


def test_a_rebase_after_an_approval_needs_it_anew(members, other):
    request = request_over(members, other).submit().request
    approve_request(request, by=other.analyst)
    change = request.changes.select_related("event").order_by("id")[0]
    publish_next_version(change.event, definition(change.event.name, description="Paid in full."))
    with pytest.raises(UnmetConditionsError) as caught:
        approve_request(request, by=members.analyst)
    assert codes_of(caught) == {"rebase"}
    assert request.approvals.count() == 1
    move_request(request, RequestState.DRAFT, by=members.pm, comment="To be rebased.")
    rebase_change(change, by=members.pm)
    request = move_request(request, RequestState.REQUESTED, by=members.pm)
    assert len(open_labels(request)) == 2
    assert is_asked(other.analyst, request)


def test_an_event_that_moves_to_another_team_is_approved_there(members, other):
    third = TeamFixture.create()
    request = request_over(members, other).submit().request
    approve_request(request, by=members.analyst)
    event = request.changes.select_related("event").order_by("id")[0].event
    classify_event(event, by=person(Role.ANALYST), owner_team=third.team)
    assert open_labels(request) == [f"Analysis for {third.team}", f"Analysis for {other.team}"]
    assert is_asked(third.analyst, request)
    assert not is_asked(members.second_analyst, request)


def test_where_a_move_leaves_nothing_open_whoever_is_responsible_still_takes_the_step(members, other):
    request = request_over(members, other).submit().request
    approve_request(request, by=members.analyst)
    event = request.changes.select_related("event").order_by("id")[1].event
    classify_event(event, by=person(Role.ANALYST), owner_team=members.team)
    assert open_labels(request) == []
    assert is_asked(members.second_analyst, request)
    approve_request(request, by=members.second_analyst)
    request.refresh_from_db()
    assert request.state == RequestState.REVIEWED


def test_approvals_from_before_count_where_nobody_edited_since(members, other):
    fresh = request_over(members, other).submit().request
    edited = RequestFactory.requested(members=members, document=definition("Cart Viewed")).request
    redrafted = RequestFactory.draft(members=members, document=definition("Cart Emptied")).request
    for request in (fresh, edited, redrafted):
        Approval.objects.create(
            request=request,
            person=members.second_analyst,
            content_hash=b"0" * 32,
            created_at=request.created_at,
        )
    approve_request(fresh, by=members.analyst)
    Approval.objects.filter(request=fresh).exclude(person=members.analyst).delete()
    Approval.objects.update(submission=0, team=None)
    Request.objects.update(submission=0)
    migration = importlib.import_module("tracking.requests.migrations.0010_approvals_of_submissions")
    with connection.cursor() as cursor:
        cursor.execute(migration.NUMBER_REQUESTS)
        cursor.execute(migration.NUMBER_APPROVALS)
    fresh.refresh_from_db()
    assert [approval.person for approval in active_approvals(fresh)] == [members.analyst]
    assert open_labels(fresh) == []  # it was given for all events, as that was asked then
    edited.refresh_from_db()
    assert (edited.submission, edited.approvals.get().submission) == (1, 0)
    assert is_asked(members.analyst, edited)
    redrafted.refresh_from_db()
    assert active_approvals(redrafted) == []


def test_only_what_is_requested_can_be_approved(members):
    lifecycle = RequestFactory.draft(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        approve_request(lifecycle.request, by=members.analyst)
    assert codes_of(caught) == {"state"}


def test_approving_is_for_the_team_that_owns_the_event(members):
    other = TeamFixture.create()
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.requested(members=members, by=other.pm, team=other.team, event=event, document=document)
    with pytest.raises(Forbidden):
        approve_request(lifecycle.request, by=other.analyst)
    assert approve_request(lifecycle.request, by=members.analyst).person == members.analyst
