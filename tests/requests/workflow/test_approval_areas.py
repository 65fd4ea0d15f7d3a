"""The areas of approval: each is one row, and follows from what a change says."""

import pytest
from django.db.models import TextChoices

from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Capability
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.approval_requests import is_asked, open_labels
from tracking.requests import approval_areas
from tracking.requests.approval_areas import AREA_RULES, AreaRule
from tracking.requests.authoring.draft_editing import edit_change, edit_request
from tracking.requests.choices import ApprovalArea, Lane, RequestState
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.transition_service import move_request

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


def test_words_that_need_another_area_are_published_once_it_is_approved(second_area, members):
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(name="Order Completed", owner_team=members.team, sources=[source], is_live=True)
    words = {**event.newest_version.definition, "description": "With a password."}
    request = RequestFactory.draft(members=members, event=event, sources=[source], document=words).request
    edit_request(request, by=members.pm, revision=None, message="Says what it holds.")
    assert request.changes.get().lane == Lane.WORDS
    with pytest.raises(UnmetConditionsError) as refused:
        move_request(request, RequestState.LIVE, by=members.pm)
    assert [condition.code for condition in refused.value.unmet] == ["approvals"]
    move_request(request, RequestState.REQUESTED, by=members.pm)
    with pytest.raises(UnmetConditionsError):
        move_request(request, RequestState.LIVE, by=members.pm)
    approve_request(request, by=members.qa)
    assert move_request(request, RequestState.LIVE, by=members.pm).state == RequestState.LIVE
