"""The areas of approval: each is one row, and follows from what a change says."""

import pytest
from django.db.models import TextChoices

from accounts.permissions import Forbidden
from accounts.roles import Capability
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.approval_requests import is_asked, open_labels
from tracking.requests import approval_areas
from tracking.requests.approval_areas import AREA_RULES, AreaRule
from tracking.requests.authoring.draft_editing import edit_change
from tracking.requests.choices import ApprovalArea, RequestState
from tracking.requests.workflow.approval_service import approve_request

pytestmark = pytest.mark.django_db


class SecondArea(TextChoices):
    ADDED = "added-later", "Added later"


@pytest.fixture
def second_area(monkeypatch):
    """An area besides analysis, by a word that no real area has: QA of the event's team approves every password."""
    rule = AreaRule(
        SecondArea.ADDED,
        Capability.DELIVERY_VERIFY,
        lambda change: "password" in str(change.definition),
    )
    analysis = tuple(row for row in AREA_RULES if row.area == ApprovalArea.ANALYSIS)
    for module in ("approval_areas", "models.approval", "workflow.required_approvals"):
        monkeypatch.setattr(f"tracking.requests.{module}.AREA_RULES", (*analysis, rule))
    assert approval_areas.AREA_RULES[-1] is rule


def test_a_second_area_is_one_row_and_follows_from_the_content(second_area, members):
    with_password = definition(description="With a password.")
    lifecycle = RequestFactory.draft(members=members, document=with_password)
    assert lifecycle.change.approval_areas == ["analysis", "added-later"]
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=definition())
    assert lifecycle.change.approval_areas == ["analysis"]
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=with_password)
    request = lifecycle.submit().request
    assert open_labels(request) == [f"Analysis for {members.team}", f"Added later for {members.team}"]
    assert is_asked(members.qa, request)
    approve_request(request, by=members.analyst)
    assert (is_asked(members.analyst, request), is_asked(members.qa, request)) == (False, True)
    with pytest.raises(Forbidden):
        approve_request(request, by=members.developer)
    approval = approve_request(request, by=members.qa)
    request.refresh_from_db()
    assert (request.state, approval.area) == (RequestState.REVIEWED, "added-later")


def test_each_area_has_its_rule():
    assert {rule.area for rule in AREA_RULES} == set(ApprovalArea)
