"""A request over the events of two teams: neither decides alone."""

from contextlib import suppress

import pytest

from accounts.models import Membership
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from tests.factories.requests import RequestFactory
from tracking.requests.choices import RequestState
from tracking.requests.models import Request
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", [0, 1])
def test_the_analyst_of_one_team_does_not_let_it_pass(number):
    lifecycle = RequestFactory.across(teams=2).submit()
    with suppress(Forbidden):
        lifecycle.approve(by=lifecycle.teams[number].analyst)
    assert Request.objects.get().state == RequestState.REQUESTED


@pytest.mark.parametrize("number", [0, 1])
def test_the_analyst_of_one_team_does_not_decline_what_is_also_about_the_other(number):
    lifecycle = RequestFactory.across(teams=2).submit()
    with pytest.raises(Forbidden):
        move_request(lifecycle.request, RequestState.DECLINED, by=lifecycle.teams[number].analyst, comment="No need.")


def test_own_approval_needs_the_policy_of_both():
    lifecycle = RequestFactory.across(teams=2).submit()
    author = lifecycle.request.author
    Membership.objects.create(user=author, team=None, role=Role.ANALYST)
    lenient, strict = (members.team for members in lifecycle.teams)
    lenient.own_approval_tiers = [3]
    lenient.save()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.approve(by=author)
    assert [unmet.code for unmet in caught.value.unmet] == ["four_eyes"]
    strict.own_approval_tiers = [3]
    strict.save()
    assert lifecycle.approve(by=author).request.state == RequestState.REVIEWED
