"""Versions that supersede others on a source: what waits, what ends, and what opens again."""

import pytest

from accounts.models import HistoryEntry
from catalog.models import Binding, Version, VersionSource
from tests.factories.catalog import SourceFactory
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, ingest
from tests.requests.workflow.reversal_steps import last_said, redraft, state_of, wider
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


def test_developing_a_version_supersedes_open_deliveries_of_its_ancestors(members, source):
    first = RequestFactory.developed(members=members, sources=[source])
    second = RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=wider())
    assert first.delivery.state == DeliveryState.DEVELOPED
    second.develop(app_version="2.1.0")
    assert first.delivery.state == DeliveryState.SUPERSEDED
    first.request.refresh_from_db()
    assert first.request.state == RequestState.DEVELOPED  # it opens again if the newer one is taken back
    assert VersionSource.objects.get(version=first.change.version).is_superseded
    entry = HistoryEntry.objects.for_subject("delivery", first.delivery.pk).last()
    assert (str(entry.actor), entry.to_state) == ("Signalbook", "superseded")
    assert str(Binding.objects.get(version=first.change.version, environment="production").since_version) == "2.0.0"


@pytest.mark.parametrize("way", ["sent back", "redrafted", "dropped", "declined"])
def test_what_a_version_superseded_goes_on_when_that_one_is_taken_back(members, source, way):
    first = RequestFactory.tested(members=members, sources=[source])
    second = RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=wider())
    second.develop(app_version="2.1.0")
    assert first.delivery.state == DeliveryState.SUPERSEDED
    match way:
        case "sent back":
            move_delivery(second.delivery, DeliveryState.REVIEWED, by=members.qa, comment="It crashes.")
        case "dropped":
            move_delivery(second.delivery, DeliveryState.DROPPED, by=members.analyst, comment="No time.")
        case "redrafted":
            redraft(second)
        case "declined":
            move_request(second.request, RequestState.DECLINED, by=members.analyst, comment="No time.")
    assert (first.delivery.state, first.delivery.superseded_by) == (DeliveryState.TESTED, None)
    first.request.refresh_from_db()
    assert first.request.state == RequestState.TESTED
    approved = VersionSource.objects.get(version=first.change.version)
    assert (approved.is_open, approved.is_superseded) == (True, False)
    entry = HistoryEntry.objects.for_subject("delivery", first.delivery.pk).last()
    assert (entry.from_state, entry.to_state) == ("superseded", "tested")
    first.prove()
    assert first.delivery.state == DeliveryState.LIVE


def replaced(members, source, **first):
    """A version under way, and one built on it that was developed on its source and verified."""
    older = RequestFactory.developed(members=members, sources=[source], **first)
    newer = RequestFactory.reviewed(members=members, event=older.event, sources=[source], document=wider())
    newer.develop(app_version="2.1.0")
    ingest(source, "Order Completed", [VALID_PAYLOAD | {"currency": "EUR"}], environment="staging", app_version="2.1.0")
    move_delivery(newer.delivery, DeliveryState.TESTED, by=members.qa)
    return older, newer


def prove_newer(newer):
    newer.prove(app_version="2.1.0", payload=VALID_PAYLOAD | {"currency": "EUR"})
    assert newer.request.state == RequestState.LIVE


def test_what_a_live_version_replaced_is_withdrawn_by_the_system_and_stays_approved(members, source):
    older, newer = replaced(members, source)
    assert state_of(older) == RequestState.DEVELOPED
    prove_newer(newer)
    assert (state_of(older), older.delivery.state) == (RequestState.WITHDRAWN, DeliveryState.SUPERSEDED)
    assert older.change.version.withdrawn_at is None
    assert Binding.objects.filter(version=older.change.version, ended_at=None).exists()  # for old app versions
    entry = last_said(older)
    assert (str(entry.actor), entry.from_state, entry.to_state) == (
        "Signalbook",
        RequestState.DEVELOPED,
        RequestState.WITHDRAWN,
    )
    assert entry.message == "Replaced by Order Completed 1.1.0."


def test_what_was_replaced_waits_again_when_the_newer_one_is_taken_back_from_live(members, source):
    older, newer = replaced(members, source)
    prove_newer(newer)
    move_delivery(newer.delivery, DeliveryState.TESTED, by=members.analyst, comment="Currency is always EUR.")
    assert (state_of(older), older.delivery.state) == (RequestState.DEVELOPED, DeliveryState.SUPERSEDED)
    entry = last_said(older)
    assert (str(entry.actor), entry.from_state) == ("Signalbook", RequestState.WITHDRAWN)
    assert entry.message == "Order Completed 1.1.0, which replaced it, is no longer live."
    move_delivery(newer.delivery, DeliveryState.DROPPED, by=members.analyst, comment="No currency.")
    assert (state_of(older), older.delivery.state) == (RequestState.DEVELOPED, DeliveryState.DEVELOPED)


def test_a_version_replaces_all_that_those_before_it_had_superseded(members, source):
    first, second = replaced(members, source)
    third = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=wider(trigger="Paid.")
    )
    third.develop(app_version="2.2.0")
    ingest(source, "Order Completed", [VALID_PAYLOAD | {"currency": "EUR"}], environment="staging", app_version="2.2.0")
    move_delivery(third.delivery, DeliveryState.TESTED, by=members.qa)
    assert [state_of(lifecycle) for lifecycle in (first, second)] == [RequestState.DEVELOPED, RequestState.TESTED]
    third.prove(app_version="2.2.0", payload=VALID_PAYLOAD | {"currency": "EUR"})
    assert [state_of(lifecycle) for lifecycle in (third, second, first)] == [
        RequestState.LIVE,
        RequestState.WITHDRAWN,
        RequestState.WITHDRAWN,
    ]
    move_delivery(third.delivery, DeliveryState.TESTED, by=members.analyst, comment="Wrong.")
    assert [state_of(lifecycle) for lifecycle in (first, second)] == [RequestState.DEVELOPED, RequestState.TESTED]


def test_a_request_replaced_on_one_source_ends_with_its_last_delivery(members, source):
    other = SourceFactory.create(owner_team=members.team)
    older = RequestFactory.developed(members=members, sources=[source, other])
    newer = RequestFactory.reviewed(members=members, event=older.event, sources=[source], document=wider())
    newer.develop(app_version="2.1.0")
    ingest(source, "Order Completed", [VALID_PAYLOAD | {"currency": "EUR"}], environment="staging", app_version="2.1.0")
    move_delivery(newer.delivery, DeliveryState.TESTED, by=members.qa)
    prove_newer(newer)
    assert state_of(older) == RequestState.DEVELOPED
    (left,) = [row for row in older.deliveries if row.source == other]
    move_delivery(left, DeliveryState.DROPPED, by=members.analyst, comment="That app is gone.")
    assert state_of(older) == RequestState.WITHDRAWN
    assert last_said(older).message == "Replaced by Order Completed 1.1.0."
    assert older.change.version.withdrawn_at is None


@pytest.mark.parametrize(("to", "who"), [(RequestState.DECLINED, "analyst"), (RequestState.WITHDRAWN, "pm")])
def test_what_is_superseded_can_be_closed_by_hand_and_stays_closed(members, source, to, who):
    older, newer = replaced(members, source)
    move_request(older.request, to, by=getattr(members, who), comment="The newer one does it all.")
    assert (state_of(older), older.delivery.state) == (to, DeliveryState.DROPPED)
    assert older.change.version.withdrawn_at is None  # the newer one builds on it
    prove_newer(newer)
    move_delivery(newer.delivery, DeliveryState.TESTED, by=members.analyst, comment="Wrong.")
    assert state_of(older) == to


def test_what_stayed_approved_for_a_newer_version_is_withdrawn_with_that_one(members, source):
    older, newer = replaced(members, source)
    versions = [older.change.version, newer.change.version]
    move_request(older.request, RequestState.WITHDRAWN, by=members.pm, comment="The newer one does it all.")
    move_delivery(newer.delivery, DeliveryState.DROPPED, by=members.analyst, comment="No time.")
    assert state_of(older) == RequestState.WITHDRAWN
    assert not Version.objects.filter(pk__in=[version.pk for version in versions], withdrawn_at=None).exists()
    assert older.event.newest_version is None
    assert not Binding.objects.filter(ended_at=None).exists()


def test_what_a_closed_request_had_superseded_waits_for_the_newest_instead(members, source):
    first, second = replaced(members, source)
    third = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=wider(trigger="Paid.")
    )
    third.develop(app_version="2.2.0")
    move_request(second.request, RequestState.DECLINED, by=members.analyst, comment="The third does it all.")
    assert (first.delivery.state, first.delivery.superseded_by) == (DeliveryState.SUPERSEDED, third.delivery)
    move_delivery(third.delivery, DeliveryState.DROPPED, by=members.analyst, comment="No time.")
    assert (state_of(first), first.delivery.state) == (RequestState.DEVELOPED, DeliveryState.DEVELOPED)
    assert first.event.newest_version == first.change.version
