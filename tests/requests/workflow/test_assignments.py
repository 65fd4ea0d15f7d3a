"""The work queue: each kind of work has its place, and it costs the same for any number of requests."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from tests.factories.accounts import person
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.approval_requests import request_over
from tracking.requests.models import Request
from tracking.requests.workflow.assignments import assignments_for

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("limit", [1, 2])
def test_neither_kind_of_delivery_pushes_the_other_out_of_the_work_queue(limit, members):
    for number in range(3):
        RequestFactory.developed(members=members, document=definition(f"Old {number}"))
    for number in range(3):
        RequestFactory.reviewed(members=members, document=definition(f"New {number}"))
    user = person(Role.DEVELOPER, team=members.team)
    user.memberships.create(team=members.team, role=Role.QA)
    kinds = [each.kind for each in assignments_for(type(user).objects.get(pk=user.pk), limit=limit)]
    assert kinds == ["develop"] * limit + ["verify"] * limit


def test_lists_cost_the_same_for_any_number_of_teams_and_requests(members, other):
    def cost(user):
        with CaptureQueriesContext(connection) as captured:
            list(Request.objects.all().waiting_on(user))
            assignments_for(user)
        return len(captured)

    request_over(members, other).submit()
    user = members.analyst
    assignments_for(user)  # memberships are read once for each person
    before = cost(user)
    for number in range(3):
        RequestFactory.requested(members=other, document=definition(f"Event {number}"))
    user.memberships.create(team=other.team, role=Role.ANALYST)
    user.clear_membership_cache()
    user.cached_memberships  # noqa: B018  read before it is counted
    assert cost(user) == before
