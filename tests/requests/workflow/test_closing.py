"""The ways out: a request that is declined or withdrawn, and deliveries that are dropped."""

import pytest

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditionsError
from catalog.models import Binding, Version, VersionSource
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, ingest, ingest_proof
from tests.requests.workflow.guarded_steps import codes_of
from tests.requests.workflow.reversal_steps import redraft
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("to", "who"), [(RequestState.DECLINED, "analyst"), (RequestState.WITHDRAWN, "pm")])
@pytest.mark.parametrize(
    "state",
    [RequestState.DRAFT, RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED, RequestState.TESTED],
)
def test_an_open_request_is_closed_with_all_that_it_wrote(members, state, to, who):
    lifecycle = RequestFactory.at(state, members=members)
    lifecycle.request = move_request(lifecycle.request, to, by=getattr(members, who), comment="The campaign is off.")
    assert lifecycle.request.state == to
    assert not Version.objects.filter(withdrawn_at=None).exists()
    assert not Binding.objects.filter(ended_at=None).exists()
    assert {delivery.state for delivery in lifecycle.deliveries} == {DeliveryState.DROPPED}


def live_on_one_of_two(members):
    sources = [SourceFactory.create(owner_team=members.team) for _ in range(2)]
    lifecycle = RequestFactory.developed(members=members, sources=sources)
    first, _second = lifecycle.deliveries
    ingest(first.source, lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    move_delivery(first, DeliveryState.TESTED, by=members.qa)
    ingest_proof(first.source, lifecycle.change.name, app_version="2.0.0")
    advance_deliveries()
    return lifecycle


@pytest.mark.parametrize(("to", "who"), [(RequestState.DECLINED, "analyst"), (RequestState.WITHDRAWN, "pm")])
def test_closing_drops_what_is_under_way_and_leaves_what_is_live(members, to, who):
    lifecycle = live_on_one_of_two(members)
    live, other = lifecycle.deliveries
    lifecycle.request = move_request(lifecycle.request, to, by=getattr(members, who), comment="Enough.")
    assert lifecycle.request.state == to
    assert [delivery.state for delivery in lifecycle.deliveries] == [DeliveryState.LIVE, DeliveryState.DROPPED]
    assert lifecycle.event.live_version == lifecycle.change.version
    assert not VersionSource.objects.filter(is_open=True).exists()
    assert set(Binding.objects.filter(ended_at=None).values_list("source", flat=True)) == {live.source_id}
    assert Binding.objects.filter(source=other.source).exists()


def test_what_is_live_on_one_source_is_not_taken_back_to_draft(members):
    with pytest.raises(UnmetConditionsError) as caught:
        redraft(live_on_one_of_two(members))
    assert codes_of(caught) == {"delivered"}


def test_what_stayed_live_of_a_closed_request_can_be_taken_back_and_dropped(members):
    lifecycle = live_on_one_of_two(members)
    version = lifecycle.change.version
    lifecycle.request = move_request(lifecycle.request, RequestState.WITHDRAWN, by=members.pm, comment="Enough.")
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.analyst, comment="It is wrong.")
    move_delivery(lifecycle.delivery, DeliveryState.DROPPED, by=members.analyst, comment="Nobody needs it.")
    lifecycle.request.refresh_from_db()
    version.refresh_from_db()
    assert (lifecycle.request.state, lifecycle.change.version) == (RequestState.WITHDRAWN, None)
    assert version.withdrawn_at is not None


def test_a_request_is_live_once_what_is_not_live_of_it_is_dropped(members):
    lifecycle = live_on_one_of_two(members)
    move_delivery(lifecycle.deliveries[1], DeliveryState.DROPPED, by=members.analyst, comment="That app is gone.")
    lifecycle.request.refresh_from_db()
    assert lifecycle.request.state == RequestState.LIVE
    assert lifecycle.change.version is not None


def test_a_request_that_nobody_delivers_is_withdrawn_by_the_system(members):
    lifecycle = RequestFactory.developed(members=members)
    version = lifecycle.change.version
    move_delivery(lifecycle.delivery, DeliveryState.DROPPED, by=members.analyst, comment="That app is gone.")
    lifecycle.request.refresh_from_db()
    assert lifecycle.request.state == RequestState.WITHDRAWN
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    last = HistoryEntry.objects.for_subject("request", lifecycle.request.pk).last()
    assert (str(last.actor), last.to_state) == ("Signalbook", RequestState.WITHDRAWN)


def test_a_stale_verification_stays_on_record(members):
    lifecycle = RequestFactory.tested(members=members)
    move_delivery(lifecycle.delivery, DeliveryState.DROPPED, by=members.analyst, comment="Gone.")
    assert lifecycle.delivery.verifications.count() == 1
