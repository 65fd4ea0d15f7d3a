"""The ways back and out: what they take back, what they leave, and what stands in their way."""

import pytest

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Status
from catalog.models import Binding, Version, VersionSource
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest, ingest_proof
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.approvals import is_ended, is_stale
from tracking.requests.workflow.required_approvals import active_approvals
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


def wider(**more):
    schema = definition()["schema"]
    return definition(schema={**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}, **more)


def codes_of(caught):
    return {condition.code for condition in caught.value.unmet}


def redraft(lifecycle, by=None):
    lifecycle.request = move_request(
        lifecycle.request,
        RequestState.DRAFT,
        by=by or lifecycle.members.analyst,
        comment="The coupon is missing its campaign.",
    )
    return lifecycle


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


def test_sent_back_to_review_ends_what_it_bound(members):
    lifecycle = RequestFactory.developed(members=members)
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=members.developer, comment="Wrong build.")
    assert not Binding.objects.filter(ended_at=None).exists()
    assert lifecycle.delivery.developed_by is None


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


def test_undoing_a_version_ends_what_its_words_inherited_until_it_is_proven_again(members, source):
    lifecycle = RequestFactory.live(members=members, sources=[source])
    document = definition(description="Paid.")
    words = RequestFactory.draft(
        members=members, event=lifecycle.event, sources=[], document=document, message="Shorter."
    )
    move_request(words.request, RequestState.LIVE, by=members.pm)
    bindings = Binding.objects.filter(version__in=[lifecycle.change.version, words.change.version], ended_at=None)
    before = set(bindings.values_list("version", "environment", "since_version"))
    assert {version for version, *_ in before} == {lifecycle.change.version_id, words.change.version_id}
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.analyst, comment="The total is wrong.")
    assert not bindings.exists()
    lifecycle.prove()
    assert lifecycle.delivery.state == DeliveryState.LIVE
    assert set(bindings.values_list("version", "environment", "since_version")) == before


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


def state_of(lifecycle):
    lifecycle.request.refresh_from_db()
    return lifecycle.request.state


def last_said(lifecycle):
    return HistoryEntry.objects.for_subject("request", lifecycle.request.pk).last()


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


def worded(members, lifecycle, document):
    """An owner's words upon the lifecycle's version, published at once."""
    words = RequestFactory.draft(
        members=members, event=lifecycle.event, sources=[], document=document, message="Clearer."
    )
    words.request = move_request(words.request, RequestState.LIVE, by=members.pm)
    return words


@pytest.mark.parametrize("way", ["redrafted", "declined", "withdrawn", "dropped"])
def test_words_are_taken_back_with_the_version_that_they_word(members, source, way):
    live = RequestFactory.live(members=members, sources=[source])
    lifecycle = RequestFactory.reviewed(members=members, event=live.event, sources=[source], document=wider())
    words = worded(members, lifecycle, wider(description="Somebody paid."))
    version = words.change.version
    match way:
        case "redrafted":
            redraft(lifecycle)
        case "declined":
            move_request(lifecycle.request, RequestState.DECLINED, by=members.analyst, comment="No.")
        case "withdrawn":
            move_request(lifecycle.request, RequestState.WITHDRAWN, by=members.pm, comment="No.")
        case "dropped":
            move_delivery(lifecycle.delivery, DeliveryState.DROPPED, by=members.analyst, comment="No.")
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    event = live.event
    assert event.newest_version == event.live_version == live.change.version
    assert (lifecycle.change.version, words.change.version, state_of(words)) == (None, None, RequestState.DRAFT)
    entry = last_said(words)
    assert (str(entry.actor), entry.from_state, entry.to_state) == ("Signalbook", RequestState.LIVE, RequestState.DRAFT)


def test_words_that_were_taken_back_are_published_again_on_what_stands(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    lifecycle = RequestFactory.reviewed(
        members=members,
        event=live.event,
        sources=[source, SourceFactory.create(owner_team=members.team)],
        document=wider(),
    )
    words = worded(members, lifecycle, wider(description="Somebody paid."))
    words.change.sources.set(lifecycle.sources)
    move_request(lifecycle.request, RequestState.DECLINED, by=members.analyst, comment="No.")
    words.request = move_request(words.request, RequestState.LIVE, by=members.pm)
    version = words.change.version
    assert (version.parent, version.definition) == (live.change.version, definition(description="Somebody paid."))
    assert [row.source for row in version.for_sources.all()] == [source]


def test_words_upon_what_never_stood_again_cannot_bring_it_back(members, source):
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    words = worded(members, lifecycle, definition(description="Somebody paid."))
    move_request(lifecycle.request, RequestState.DECLINED, by=members.analyst, comment="No.")
    assert state_of(words) == RequestState.DRAFT
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(words.request, RequestState.LIVE, by=members.pm)
    assert codes_of(caught) == {"rebase"}
    assert words.event.newest_version is None


def test_a_version_built_on_words_keeps_both_approved(members, source):
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    words = worded(members, lifecycle, definition(description="Somebody paid."))
    other = SourceFactory.create(owner_team=members.team)
    newer = RequestFactory.reviewed(
        members=members, event=lifecycle.event, sources=[other], document=wider(description="Somebody paid.")
    )
    assert newer.change.version.parent == words.change.version
    move_request(lifecycle.request, RequestState.DECLINED, by=members.analyst, comment="No.")
    assert (state_of(words), words.change.version.withdrawn_at) == (RequestState.LIVE, None)
    assert lifecycle.change.version.withdrawn_at is None
    move_request(newer.request, RequestState.DECLINED, by=members.analyst, comment="No.")
    assert state_of(words) == RequestState.DRAFT
    assert not Version.objects.filter(withdrawn_at=None).exists()


def end(members, event, action, **change):
    fields = {"has_no_successor": True, "ends_on": "2030-01-01"} | change
    return RequestFactory.draft(
        members=members, event=event, action=action, sources=[], reason="Nobody reads it.", change=fields
    )


def test_deprecating_needs_review_alone_and_counts_at_once(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    successor = EventFactory.create(name="Order Paid", owner_team=members.team)
    lifecycle = (
        end(members, live.event, ChangeAction.DEPRECATE, successor=successor, has_no_successor=False).submit().approve()
    )
    assert lifecycle.request.state == RequestState.LIVE
    event = lifecycle.event
    assert (event.status, event.successor, str(event.ends_on)) == (Status.DEPRECATED, successor, "2030-01-01")
    assert event.live_version == live.change.version


def test_more_than_words_after_a_deprecation_brings_the_event_back(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    end(members, live.event, ChangeAction.DEPRECATE).submit().approve()
    words = RequestFactory.draft(
        members=members, event=live.event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    move_request(words.request, RequestState.LIVE, by=members.pm)
    assert live.event.status == Status.DEPRECATED
    RequestFactory.reviewed(members=members, event=live.event, sources=[source], document=wider())
    assert live.event.status == Status.LIVE


def test_taking_a_retirement_back_brings_the_event_back(members, source):
    live = RequestFactory.live(members=members, sources=[source])
    lifecycle = RequestFactory.draft(
        members=members,
        event=live.event,
        action=ChangeAction.RETIRE,
        sources=[source],
        reason="Nobody reads it.",
        change={"has_no_successor": True, "ends_on": "2030-01-01"},
    )
    lifecycle.submit().approve().develop(app_version="3.0.0")
    assert lifecycle.event.status == Status.RETIRED
    redraft(lifecycle)
    assert lifecycle.event.status == Status.LIVE
    assert not Binding.objects.filter(version=None, ended_at=None).exists()


def test_a_stale_verification_stays_on_record(members):
    lifecycle = RequestFactory.tested(members=members)
    move_delivery(lifecycle.delivery, DeliveryState.DROPPED, by=members.analyst, comment="Gone.")
    assert lifecycle.delivery.verifications.count() == 1
