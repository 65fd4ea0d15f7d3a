"""The ways back: what they take back, what they leave, and what stands in their way."""

import pytest

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Status
from catalog.models import Binding, VersionSource
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, ingest
from tests.requests.workflow.guarded_steps import codes_of
from tests.requests.workflow.reversal_steps import redraft, wider
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.approvals import is_ended, is_stale
from tracking.requests.workflow.required_approvals import active_approvals
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [RequestState.REVIEWED, RequestState.DEVELOPED])
def test_back_to_draft_withdraws_the_version_whose_number_stays_used(members, state):
    lifecycle = RequestFactory.at(state, members=members)
    version = lifecycle.change.version
    redraft(lifecycle)
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    assert (lifecycle.change.version, lifecycle.delivery.state) == (None, DeliveryState.PLANNED)
    assert not Binding.objects.filter(ended_at=None).exists()
    assert not VersionSource.objects.filter(is_open=True).exists()
    assert lifecycle.event.newest_version is None
    lifecycle.submit().approve(by=members.second_analyst)
    assert str(lifecycle.change.version.number) == "2.0.0"


def test_the_author_may_take_back_what_an_analyst_approved(members):
    lifecycle = redraft(RequestFactory.reviewed(members=members), by=members.pm)
    assert lifecycle.request.state == RequestState.DRAFT
    entry = HistoryEntry.objects.for_subject("request", lifecycle.request.pk).last()
    assert (entry.actor, entry.message) == (members.pm, "The coupon is missing its campaign.")


def test_what_is_tested_is_not_taken_back_to_draft(members):
    sources = [SourceFactory.create(owner_team=members.team) for _ in range(2)]
    lifecycle = RequestFactory.developed(members=members, sources=sources)
    first, _second = lifecycle.deliveries
    ingest(first.source, lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    move_delivery(first, DeliveryState.TESTED, by=members.qa)
    with pytest.raises(UnmetConditionsError) as caught:
        redraft(lifecycle)
    assert codes_of(caught) == {"delivered"}


@pytest.mark.parametrize("who", ["analyst", "pm"])
def test_what_another_version_builds_on_is_not_taken_back(members, source, who):
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    other = SourceFactory.create(owner_team=members.team)
    RequestFactory.developed(members=members, event=lifecycle.event, sources=[other], document=wider())
    with pytest.raises(UnmetConditionsError) as caught:
        redraft(lifecycle, by=getattr(members, who))
    assert codes_of(caught) == {"built_on"}


def test_an_edit_makes_approvals_stale(members):
    lifecycle = RequestFactory.requested(members=members)
    approval = approve_request(lifecycle.request, by=members.analyst, comment="Fine.")
    lifecycle.request.refresh_from_db()
    assert active_approvals(lifecycle.request) == [approval]
    redraft(lifecycle)
    approval.refresh_from_db()
    assert (is_ended(approval), is_stale(approval)) == (True, False)
    edited = edit_request(lifecycle.request, by=members.pm, revision=None, question="And which coupons?")
    approval.refresh_from_db()
    assert is_stale(approval)
    assert active_approvals(edited) == []


def test_sent_back_to_review_ends_what_it_bound(members):
    lifecycle = RequestFactory.developed(members=members)
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=members.developer, comment="Wrong build.")
    assert not Binding.objects.filter(ended_at=None).exists()
    assert lifecycle.delivery.developed_by is None


def test_an_undone_version_leaves_its_parent_live(members, source):
    first = RequestFactory.live(members=members, sources=[source])
    second = RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=wider())
    second.develop(app_version="2.1.0")
    ingest(source, "Order Completed", [VALID_PAYLOAD | {"currency": "EUR"}], environment="staging", app_version="2.1.0")
    move_delivery(second.delivery, DeliveryState.TESTED, by=members.qa)
    second.prove(app_version="2.1.0", payload=VALID_PAYLOAD | {"currency": "EUR"})
    assert second.event.live_version == second.change.version
    move_delivery(second.delivery, DeliveryState.TESTED, by=members.analyst, comment="Currency is always EUR.")
    event = second.event
    assert (event.status, event.live_version) == (Status.LIVE, first.change.version)
