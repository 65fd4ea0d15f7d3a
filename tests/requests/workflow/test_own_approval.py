"""Whether somebody may approve what they wrote or edited: only by the policy of every team."""

import pytest

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from tests.factories.accounts import person
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.approval_requests import is_asked, request_over
from tests.requests.workflow.guarded_steps import codes_of
from tracking.requests.authoring.draft_editing import edit_change, edit_request
from tracking.requests.choices import RequestState
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.required_approvals import open_approvals, people_who_can_approve

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [([], [3], False), ([3], [], False), ([3], [1, 2], False), ([3], [1, 3], True)],
)
def test_own_approval_needs_the_policy_of_every_team(members, other, own, others, expected):
    for team, tiers in ((members.team, own), (other.team, others)):
        team.own_approval_tiers = tiers
        team.save()
    author = person(Role.ANALYST)
    request = request_over(members, other, by=author).submit().request
    assert is_asked(author, request) is expected
    if not expected:
        with pytest.raises(UnmetConditionsError) as caught:
            approve_request(request, by=author)
        assert codes_of(caught) == {"four_eyes"}
        return
    assert approve_request(request, by=author).is_same_person
    moved = HistoryEntry.objects.for_subject("request", request.pk).filter(to_state=RequestState.REVIEWED).get()
    assert moved.evidence["is_same_person"] is True


def test_own_approval_of_a_new_event_goes_by_the_policy_of_the_authors_own_team(members, other):
    for team in (members.team, other.team):
        team.own_approval_tiers = [3]
        team.save()
    author = members.analyst
    ours = RequestFactory.requested(members=members, by=author, team=members.team).request
    theirs = RequestFactory.requested(
        members=members, by=author, team=other.team, document=definition("Cart Viewed")
    ).request
    assert is_asked(author, ours)
    assert not is_asked(author, theirs)
    company_wide = person(Role.ANALYST)
    foreign = RequestFactory.requested(
        members=members, by=company_wide, team=other.team, document=definition("Cart Emptied")
    ).request
    assert not is_asked(company_wide, foreign)  # the author chose a team that they do not belong to
    with pytest.raises(UnmetConditionsError):
        approve_request(foreign, by=company_wide)


def test_whoever_edited_is_not_asked(members):
    lifecycle = RequestFactory.draft(members=members, owner=members.analyst)
    edit_change(lifecycle.change, by=members.analyst, revision=None, definition=definition(trigger="Once paid."))
    edit_request(lifecycle.request, by=members.analyst, revision=None, owner=members.pm)
    request = lifecycle.submit().request
    assert not is_asked(members.analyst, request)
    assert is_asked(members.second_analyst, request)
    required = open_approvals(request, request.changes.all())
    people = people_who_can_approve(request, list(request.changes.all()), required)
    assert people == [[members.second_analyst]]
