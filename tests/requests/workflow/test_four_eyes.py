"""Who may approve or verify: somebody else than whoever wrote, edited or delivered it, or a policy says so."""

import pytest

from accounts.preconditions import UnmetConditionsError
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, ingest
from tests.requests.workflow.guarded_steps import codes, codes_of
from tracking.requests.authoring.draft_editing import edit_change, edit_request
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


def test_nobody_approves_their_own_request(members):
    lifecycle = RequestFactory.draft(members=members, by=members.analyst).submit()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.approve(by=members.analyst)
    assert codes_of(caught) == {"four_eyes"}
    assert lifecycle.approve(by=members.second_analyst).request.state == RequestState.REVIEWED


def test_a_team_may_allow_own_approval_for_a_tier_and_history_says_so(members):
    members.team.own_approval_tiers = [3]
    members.team.save()
    lifecycle = RequestFactory.draft(members=members, by=members.analyst).submit().approve(by=members.analyst)
    assert lifecycle.request.approvals.get().is_same_person
    last = lifecycle.request.approvals.get()
    assert last.person == members.analyst


def test_own_approval_holds_for_its_tiers_alone(members):
    members.team.own_approval_tiers = [3]
    members.team.save()
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team, tier=1)
    source = SourceFactory.create(owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.draft(
        members=members, by=members.analyst, event=event, sources=[source], document=document
    )
    lifecycle.submit()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.approve(by=members.analyst)
    assert codes_of(caught) == {"four_eyes"}


def test_the_owner_approves_no_more_than_the_author_does(members):
    lifecycle = RequestFactory.requested(members=members, owner=members.analyst)
    assert codes(["four_eyes"], lifecycle) == ["four_eyes"]
    assert codes(["four_eyes"], lifecycle, by=members.second_analyst) == []


def test_whoever_edited_a_request_does_not_approve_it(members):
    lifecycle = RequestFactory.draft(members=members, owner=members.analyst)
    edit_change(lifecycle.change, by=members.analyst, revision=None, definition=definition(trigger="Once paid."))
    edit_request(lifecycle.request, by=members.analyst, revision=None, owner=members.pm)
    lifecycle.request.refresh_from_db()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit().approve(by=members.analyst)
    assert codes_of(caught) == {"four_eyes"}
    assert lifecycle.approve(by=members.second_analyst).request.state == RequestState.REVIEWED


def test_the_policy_is_that_of_the_team_that_owns_the_event(members):
    lenient = TeamFactory.create(own_approval_tiers=[1, 2, 3])
    members.analyst.memberships.create(team=lenient, role="analyst")
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.draft(members=members, by=members.analyst, event=event, document=document, team=lenient)
    assert codes(["four_eyes"], lifecycle) == ["four_eyes"]
    members.team.own_approval_tiers = [event.tier]
    members.team.save()
    assert codes(["four_eyes"], lifecycle) == []


def test_a_new_event_follows_the_policy_of_a_team_of_its_author(members):
    lenient = TeamFactory.create(own_approval_tiers=[3])
    lifecycle = RequestFactory.draft(members=members, by=members.analyst, team=lenient)
    assert codes(["four_eyes"], lifecycle) == ["four_eyes"]
    members.analyst.memberships.create(team=lenient, role="analyst")
    assert codes(["four_eyes"], lifecycle) == []


def test_whoever_delivers_does_not_verify(members):
    members.developer.memberships.create(team=members.team, role="qa")
    lifecycle = RequestFactory.developed(members=members)
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    with pytest.raises(UnmetConditionsError) as caught:
        move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.developer)
    assert codes_of(caught) == {"four_eyes"}
