"""The ways back and out: what they take back, what they leave, and what stands in their way."""

import pytest

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from catalog.choices import Status
from catalog.models import Binding, Version, VersionSource
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID, Cast, RequestFactory, arrive, prove_by
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.choices import Action, DeliveryState, State
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.approvals import approve, is_stale, standing_approvals
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


@pytest.fixture
def source(cast):
    return SourceFactory.create(owner_team=cast.team)


def wider(**more):
    schema = definition()["schema"]
    return definition(schema={**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}, **more)


def codes_of(caught):
    return {condition.code for condition in caught.value.unmet}


def redraft(walk, by=None):
    walk.request = move_request(
        walk.request, State.DRAFT, by=by or walk.cast.analyst, comment="The coupon is missing its campaign."
    )
    return walk


@pytest.mark.parametrize("state", [State.REVIEWED, State.DEVELOPED])
def test_back_to_draft_withdraws_the_version_whose_number_stays_used(cast, state):
    walk = RequestFactory.at(state, cast=cast)
    version = walk.change.version
    redraft(walk)
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    assert (walk.change.version, walk.delivery.state) == (None, DeliveryState.PLANNED)
    assert not Binding.objects.filter(ended_at=None).exists()
    assert not VersionSource.objects.filter(is_open=True).exists()
    assert walk.event.newest_version is None
    walk.submit().approve(by=cast.lead)
    assert str(walk.change.version.number) == "2.0.0"


def test_the_author_may_take_back_what_an_analyst_approved(cast):
    walk = redraft(RequestFactory.reviewed(cast=cast), by=cast.pm)
    assert walk.request.state == State.DRAFT
    entry = HistoryEntry.objects.of("request", walk.request.pk).last()
    assert (entry.actor, entry.message) == (cast.pm, "The coupon is missing its campaign.")


def test_what_is_tested_is_not_taken_back_to_draft(cast):
    sources = [SourceFactory.create(owner_team=cast.team) for _ in range(2)]
    walk = RequestFactory.developed(cast=cast, sources=sources)
    first, _second = walk.deliveries
    arrive(first.source, walk.change.name, [VALID], environment="staging", app_version="2.0.0")
    move_delivery(first, DeliveryState.TESTED, by=cast.qa)
    with pytest.raises(UnmetConditions) as caught:
        redraft(walk)
    assert codes_of(caught) == {"delivered"}


def test_what_another_version_builds_on_is_not_taken_back(cast, source):
    walk = RequestFactory.reviewed(cast=cast, sources=[source])
    other = SourceFactory.create(owner_team=cast.team)
    RequestFactory.developed(cast=cast, event=walk.event, sources=[other], document=wider())
    with pytest.raises(UnmetConditions) as caught:
        redraft(walk)
    assert codes_of(caught) == {"built_on"}


def test_an_edit_makes_approvals_stale(cast):
    walk = RequestFactory.requested(cast=cast)
    approval = approve(walk.request, by=cast.analyst, comment="Fine.")
    assert approve(walk.request, by=cast.analyst) == approval
    assert standing_approvals(walk.request) == [approval]
    redraft(walk)
    edited = edit_request(walk.request, by=cast.pm, revision=None, question="And which coupons?")
    approval.refresh_from_db()
    assert is_stale(approval)
    assert standing_approvals(edited) == []


def test_only_what_is_requested_can_be_approved(cast):
    walk = RequestFactory.draft(cast=cast)
    with pytest.raises(UnmetConditions) as caught:
        approve(walk.request, by=cast.analyst)
    assert codes_of(caught) == {"state"}


def test_approving_is_for_the_team_that_owns_the_event(cast):
    other = Cast.of()
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=cast.team)
    document = definition(trigger="Once paid.")
    walk = RequestFactory.requested(cast=cast, by=other.pm, team=other.team, event=event, document=document)
    with pytest.raises(Forbidden):
        approve(walk.request, by=other.analyst)
    assert approve(walk.request, by=cast.analyst).person == cast.analyst


@pytest.mark.parametrize(("to", "who"), [(State.DECLINED, "analyst"), (State.WITHDRAWN, "pm")])
@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTED, State.REVIEWED, State.DEVELOPED, State.TESTED])
def test_an_open_request_is_closed_with_all_that_it_wrote(cast, state, to, who):
    walk = RequestFactory.at(state, cast=cast)
    walk.request = move_request(walk.request, to, by=getattr(cast, who), comment="The campaign is off.")
    assert walk.request.state == to
    assert not Version.objects.filter(withdrawn_at=None).exists()
    assert not Binding.objects.filter(ended_at=None).exists()
    assert {delivery.state for delivery in walk.deliveries} == {DeliveryState.DROPPED}


def live_on_one_of_two(cast):
    sources = [SourceFactory.create(owner_team=cast.team) for _ in range(2)]
    walk = RequestFactory.developed(cast=cast, sources=sources)
    first, _second = walk.deliveries
    arrive(first.source, walk.change.name, [VALID], environment="staging", app_version="2.0.0")
    move_delivery(first, DeliveryState.TESTED, by=cast.qa)
    prove_by(first.source, walk.change.name, app_version="2.0.0")
    advance_deliveries()
    return walk


@pytest.mark.parametrize(("to", "who"), [(State.DECLINED, "analyst"), (State.WITHDRAWN, "pm")])
def test_closing_drops_what_is_under_way_and_leaves_what_is_live(cast, to, who):
    walk = live_on_one_of_two(cast)
    live, other = walk.deliveries
    walk.request = move_request(walk.request, to, by=getattr(cast, who), comment="Enough.")
    assert walk.request.state == to
    assert [delivery.state for delivery in walk.deliveries] == [DeliveryState.LIVE, DeliveryState.DROPPED]
    assert walk.event.live_version == walk.change.version
    assert not VersionSource.objects.filter(is_open=True).exists()
    assert set(Binding.objects.filter(ended_at=None).values_list("source", flat=True)) == {live.source_id}
    assert Binding.objects.filter(source=other.source).exists()


def test_what_stayed_live_of_a_closed_request_can_be_taken_back_and_dropped(cast):
    walk = live_on_one_of_two(cast)
    version = walk.change.version
    walk.request = move_request(walk.request, State.WITHDRAWN, by=cast.pm, comment="Enough.")
    move_delivery(walk.delivery, DeliveryState.TESTED, by=cast.analyst, comment="It is wrong.")
    move_delivery(walk.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="Nobody needs it.")
    walk.request.refresh_from_db()
    version.refresh_from_db()
    assert (walk.request.state, walk.change.version) == (State.WITHDRAWN, None)
    assert version.withdrawn_at is not None


def test_a_request_is_live_once_what_is_not_live_of_it_is_dropped(cast):
    walk = live_on_one_of_two(cast)
    move_delivery(walk.deliveries[1], DeliveryState.DROPPED, by=cast.analyst, comment="That app is gone.")
    walk.request.refresh_from_db()
    assert walk.request.state == State.LIVE
    assert walk.change.version is not None


def test_a_request_that_nobody_delivers_is_withdrawn_by_the_system(cast):
    walk = RequestFactory.developed(cast=cast)
    version = walk.change.version
    move_delivery(walk.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="That app is gone.")
    walk.request.refresh_from_db()
    assert walk.request.state == State.WITHDRAWN
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    last = HistoryEntry.objects.of("request", walk.request.pk).last()
    assert (str(last.actor), last.to_state) == ("Signalbook", State.WITHDRAWN)


def test_sent_back_to_review_ends_what_it_bound(cast):
    walk = RequestFactory.developed(cast=cast)
    move_delivery(walk.delivery, DeliveryState.REVIEWED, by=cast.developer, comment="Wrong build.")
    assert not Binding.objects.filter(ended_at=None).exists()
    assert walk.delivery.developed_by is None


def test_developing_a_version_supersedes_open_deliveries_of_its_ancestors(cast, source):
    first = RequestFactory.developed(cast=cast, sources=[source])
    second = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=wider())
    assert first.delivery.state == DeliveryState.DEVELOPED
    second.develop(app_version="2.1.0")
    assert first.delivery.state == DeliveryState.SUPERSEDED
    first.request.refresh_from_db()
    assert first.request.state == State.DEVELOPED  # it opens again if the newer one is taken back
    assert VersionSource.objects.get(version=first.change.version).is_superseded
    entry = HistoryEntry.objects.of("delivery", first.delivery.pk).last()
    assert (str(entry.actor), entry.to_state) == ("Signalbook", "superseded")
    assert str(Binding.objects.get(version=first.change.version, environment="production").since_version) == "2.0.0"


@pytest.mark.parametrize("way", ["sent back", "redrafted", "dropped", "declined"])
def test_what_a_version_superseded_goes_on_when_that_one_is_taken_back(cast, source, way):
    first = RequestFactory.tested(cast=cast, sources=[source])
    second = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=wider())
    second.develop(app_version="2.1.0")
    assert first.delivery.state == DeliveryState.SUPERSEDED
    match way:
        case "sent back":
            move_delivery(second.delivery, DeliveryState.REVIEWED, by=cast.qa, comment="It crashes.")
        case "dropped":
            move_delivery(second.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="No time.")
        case "redrafted":
            redraft(second)
        case "declined":
            move_request(second.request, State.DECLINED, by=cast.analyst, comment="No time.")
    assert (first.delivery.state, first.delivery.superseded_by) == (DeliveryState.TESTED, None)
    first.request.refresh_from_db()
    assert first.request.state == State.TESTED
    approved = VersionSource.objects.get(version=first.change.version)
    assert (approved.is_open, approved.is_superseded) == (True, False)
    entry = HistoryEntry.objects.of("delivery", first.delivery.pk).last()
    assert (entry.from_state, entry.to_state) == ("superseded", "tested")
    first.prove()
    assert first.delivery.state == DeliveryState.LIVE


def test_an_undone_version_leaves_its_parent_live(cast, source):
    first = RequestFactory.live(cast=cast, sources=[source])
    second = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=wider())
    second.develop(app_version="2.1.0")
    arrive(source, "Order Completed", [VALID | {"currency": "EUR"}], environment="staging", app_version="2.1.0")
    move_delivery(second.delivery, DeliveryState.TESTED, by=cast.qa)
    second.prove(app_version="2.1.0", payload=VALID | {"currency": "EUR"})
    assert second.event.live_version == second.change.version
    move_delivery(second.delivery, DeliveryState.TESTED, by=cast.analyst, comment="Currency is always EUR.")
    event = second.event
    assert (event.status, event.live_version) == (Status.LIVE, first.change.version)


def test_undoing_a_version_ends_what_its_words_inherited_until_it_is_proven_again(cast, source):
    walk = RequestFactory.live(cast=cast, sources=[source])
    document = definition(description="Paid.")
    words = RequestFactory.draft(cast=cast, event=walk.event, sources=[], document=document, message="Shorter.")
    move_request(words.request, State.LIVE, by=cast.pm)
    held = Binding.objects.filter(version__in=[walk.change.version, words.change.version], ended_at=None)
    before = set(held.values_list("version", "environment", "since_version"))
    assert {version for version, *_ in before} == {walk.change.version_id, words.change.version_id}
    move_delivery(walk.delivery, DeliveryState.TESTED, by=cast.analyst, comment="The total is wrong.")
    assert not held.exists()
    walk.prove()
    assert walk.delivery.state == DeliveryState.LIVE
    assert set(held.values_list("version", "environment", "since_version")) == before


def replaced(cast, source, **first):
    """A version under way, and one built on it that was developed on its source and verified."""
    older = RequestFactory.developed(cast=cast, sources=[source], **first)
    newer = RequestFactory.reviewed(cast=cast, event=older.event, sources=[source], document=wider())
    newer.develop(app_version="2.1.0")
    arrive(source, "Order Completed", [VALID | {"currency": "EUR"}], environment="staging", app_version="2.1.0")
    move_delivery(newer.delivery, DeliveryState.TESTED, by=cast.qa)
    return older, newer


def prove_newer(newer):
    newer.prove(app_version="2.1.0", payload=VALID | {"currency": "EUR"})
    assert newer.request.state == State.LIVE


def state_of(walk):
    walk.request.refresh_from_db()
    return walk.request.state


def last_said(walk):
    return HistoryEntry.objects.of("request", walk.request.pk).last()


def test_what_a_live_version_replaced_is_withdrawn_by_the_system_and_stays_approved(cast, source):
    older, newer = replaced(cast, source)
    assert state_of(older) == State.DEVELOPED
    prove_newer(newer)
    assert (state_of(older), older.delivery.state) == (State.WITHDRAWN, DeliveryState.SUPERSEDED)
    assert older.change.version.withdrawn_at is None
    assert Binding.objects.filter(version=older.change.version, ended_at=None).exists()  # for old app versions
    entry = last_said(older)
    assert (str(entry.actor), entry.from_state, entry.to_state) == ("Signalbook", State.DEVELOPED, State.WITHDRAWN)
    assert entry.message == "Replaced by Order Completed 1.1.0."


def test_what_was_replaced_waits_again_when_the_newer_one_is_taken_back_from_live(cast, source):
    older, newer = replaced(cast, source)
    prove_newer(newer)
    move_delivery(newer.delivery, DeliveryState.TESTED, by=cast.analyst, comment="Currency is always EUR.")
    assert (state_of(older), older.delivery.state) == (State.DEVELOPED, DeliveryState.SUPERSEDED)
    entry = last_said(older)
    assert (str(entry.actor), entry.from_state) == ("Signalbook", State.WITHDRAWN)
    assert entry.message == "Order Completed 1.1.0, which replaced it, is no longer live."
    move_delivery(newer.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="No currency.")
    assert (state_of(older), older.delivery.state) == (State.DEVELOPED, DeliveryState.DEVELOPED)


def test_a_version_replaces_all_that_those_before_it_had_superseded(cast, source):
    first, second = replaced(cast, source)
    third = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=wider(trigger="Paid."))
    third.develop(app_version="2.2.0")
    arrive(source, "Order Completed", [VALID | {"currency": "EUR"}], environment="staging", app_version="2.2.0")
    move_delivery(third.delivery, DeliveryState.TESTED, by=cast.qa)
    assert [state_of(walk) for walk in (first, second)] == [State.DEVELOPED, State.TESTED]
    third.prove(app_version="2.2.0", payload=VALID | {"currency": "EUR"})
    assert [state_of(walk) for walk in (third, second, first)] == [State.LIVE, State.WITHDRAWN, State.WITHDRAWN]
    move_delivery(third.delivery, DeliveryState.TESTED, by=cast.analyst, comment="Wrong.")
    assert [state_of(walk) for walk in (first, second)] == [State.DEVELOPED, State.TESTED]


def test_a_request_replaced_on_one_source_ends_with_its_last_delivery(cast, source):
    other = SourceFactory.create(owner_team=cast.team)
    older = RequestFactory.developed(cast=cast, sources=[source, other])
    newer = RequestFactory.reviewed(cast=cast, event=older.event, sources=[source], document=wider())
    newer.develop(app_version="2.1.0")
    arrive(source, "Order Completed", [VALID | {"currency": "EUR"}], environment="staging", app_version="2.1.0")
    move_delivery(newer.delivery, DeliveryState.TESTED, by=cast.qa)
    prove_newer(newer)
    assert state_of(older) == State.DEVELOPED
    (left,) = [row for row in older.deliveries if row.source == other]
    move_delivery(left, DeliveryState.DROPPED, by=cast.analyst, comment="That app is gone.")
    assert state_of(older) == State.WITHDRAWN
    assert last_said(older).message == "Replaced by Order Completed 1.1.0."
    assert older.change.version.withdrawn_at is None


@pytest.mark.parametrize(("to", "who"), [(State.DECLINED, "analyst"), (State.WITHDRAWN, "pm")])
def test_what_is_superseded_can_be_closed_by_hand_and_stays_closed(cast, source, to, who):
    older, newer = replaced(cast, source)
    move_request(older.request, to, by=getattr(cast, who), comment="The newer one does it all.")
    assert (state_of(older), older.delivery.state) == (to, DeliveryState.DROPPED)
    assert older.change.version.withdrawn_at is None  # the newer one builds on it
    prove_newer(newer)
    move_delivery(newer.delivery, DeliveryState.TESTED, by=cast.analyst, comment="Wrong.")
    assert state_of(older) == to


def test_what_stayed_approved_for_a_newer_version_is_withdrawn_with_that_one(cast, source):
    older, newer = replaced(cast, source)
    versions = [older.change.version, newer.change.version]
    move_request(older.request, State.WITHDRAWN, by=cast.pm, comment="The newer one does it all.")
    move_delivery(newer.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="No time.")
    assert state_of(older) == State.WITHDRAWN
    assert not Version.objects.filter(pk__in=[version.pk for version in versions], withdrawn_at=None).exists()
    assert older.event.newest_version is None
    assert not Binding.objects.filter(ended_at=None).exists()


def test_what_a_closed_request_had_superseded_waits_for_the_newest_instead(cast, source):
    first, second = replaced(cast, source)
    third = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=wider(trigger="Paid."))
    third.develop(app_version="2.2.0")
    move_request(second.request, State.DECLINED, by=cast.analyst, comment="The third does it all.")
    assert (first.delivery.state, first.delivery.superseded_by) == (DeliveryState.SUPERSEDED, third.delivery)
    move_delivery(third.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="No time.")
    assert (state_of(first), first.delivery.state) == (State.DEVELOPED, DeliveryState.DEVELOPED)
    assert first.event.newest_version == first.change.version


def worded(cast, walk, document):
    """An owner's words upon the walk's version, published at once."""
    words = RequestFactory.draft(cast=cast, event=walk.event, sources=[], document=document, message="Clearer.")
    words.request = move_request(words.request, State.LIVE, by=cast.pm)
    return words


@pytest.mark.parametrize("way", ["redrafted", "declined", "withdrawn", "dropped"])
def test_words_are_taken_back_with_the_version_that_they_word(cast, source, way):
    live = RequestFactory.live(cast=cast, sources=[source])
    walk = RequestFactory.reviewed(cast=cast, event=live.event, sources=[source], document=wider())
    words = worded(cast, walk, wider(description="Somebody paid."))
    version = words.change.version
    match way:
        case "redrafted":
            redraft(walk)
        case "declined":
            move_request(walk.request, State.DECLINED, by=cast.analyst, comment="No.")
        case "withdrawn":
            move_request(walk.request, State.WITHDRAWN, by=cast.pm, comment="No.")
        case "dropped":
            move_delivery(walk.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="No.")
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    event = live.event
    assert event.newest_version == event.live_version == live.change.version
    assert (walk.change.version, words.change.version, state_of(words)) == (None, None, State.DRAFT)
    entry = last_said(words)
    assert (str(entry.actor), entry.from_state, entry.to_state) == ("Signalbook", State.LIVE, State.DRAFT)


def test_words_that_were_taken_back_are_published_again_on_what_stands(cast, source):
    live = RequestFactory.live(cast=cast, sources=[source])
    walk = RequestFactory.reviewed(
        cast=cast, event=live.event, sources=[source, SourceFactory.create(owner_team=cast.team)], document=wider()
    )
    words = worded(cast, walk, wider(description="Somebody paid."))
    words.change.sources.set(walk.sources)
    move_request(walk.request, State.DECLINED, by=cast.analyst, comment="No.")
    words.request = move_request(words.request, State.LIVE, by=cast.pm)
    version = words.change.version
    assert (version.parent, version.definition) == (live.change.version, definition(description="Somebody paid."))
    assert [row.source for row in version.for_sources.all()] == [source]


def test_words_upon_what_never_stood_again_cannot_bring_it_back(cast, source):
    walk = RequestFactory.reviewed(cast=cast, sources=[source])
    words = worded(cast, walk, definition(description="Somebody paid."))
    move_request(walk.request, State.DECLINED, by=cast.analyst, comment="No.")
    assert state_of(words) == State.DRAFT
    with pytest.raises(UnmetConditions) as caught:
        move_request(words.request, State.LIVE, by=cast.pm)
    assert codes_of(caught) == {"rebase"}
    assert words.event.newest_version is None


def test_a_version_built_on_words_keeps_both_approved(cast, source):
    walk = RequestFactory.reviewed(cast=cast, sources=[source])
    words = worded(cast, walk, definition(description="Somebody paid."))
    other = SourceFactory.create(owner_team=cast.team)
    newer = RequestFactory.reviewed(
        cast=cast, event=walk.event, sources=[other], document=wider(description="Somebody paid.")
    )
    assert newer.change.version.parent == words.change.version
    move_request(walk.request, State.DECLINED, by=cast.analyst, comment="No.")
    assert (state_of(words), words.change.version.withdrawn_at) == (State.LIVE, None)
    assert walk.change.version.withdrawn_at is None
    move_request(newer.request, State.DECLINED, by=cast.analyst, comment="No.")
    assert state_of(words) == State.DRAFT
    assert not Version.objects.filter(withdrawn_at=None).exists()


def end(cast, event, action, **change):
    fields = {"has_no_successor": True, "ends_on": "2030-01-01"} | change
    return RequestFactory.draft(
        cast=cast, event=event, action=action, sources=[], reason="Nobody reads it.", change=fields
    )


def test_deprecating_needs_review_alone_and_counts_at_once(cast, source):
    live = RequestFactory.live(cast=cast, sources=[source])
    successor = EventFactory.create(name="Order Paid", owner_team=cast.team)
    walk = end(cast, live.event, Action.DEPRECATE, successor=successor, has_no_successor=False).submit().approve()
    assert walk.request.state == State.LIVE
    event = walk.event
    assert (event.status, event.successor, str(event.ends_on)) == (Status.DEPRECATED, successor, "2030-01-01")
    assert event.live_version == live.change.version


def test_more_than_words_after_a_deprecation_brings_the_event_back(cast, source):
    live = RequestFactory.live(cast=cast, sources=[source])
    end(cast, live.event, Action.DEPRECATE).submit().approve()
    words = RequestFactory.draft(
        cast=cast, event=live.event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    move_request(words.request, State.LIVE, by=cast.pm)
    assert live.event.status == Status.DEPRECATED
    RequestFactory.reviewed(cast=cast, event=live.event, sources=[source], document=wider())
    assert live.event.status == Status.LIVE


def test_taking_a_retirement_back_brings_the_event_back(cast, source):
    live = RequestFactory.live(cast=cast, sources=[source])
    walk = RequestFactory.draft(
        cast=cast,
        event=live.event,
        action=Action.RETIRE,
        sources=[source],
        reason="Nobody reads it.",
        change={"has_no_successor": True, "ends_on": "2030-01-01"},
    )
    walk.submit().approve().develop(app_version="3.0.0")
    assert walk.event.status == Status.RETIRED
    redraft(walk)
    assert walk.event.status == Status.LIVE
    assert not Binding.objects.filter(version=None, ended_at=None).exists()


def test_a_stale_verification_stays_on_record(cast):
    walk = RequestFactory.tested(cast=cast)
    move_delivery(walk.delivery, DeliveryState.DROPPED, by=cast.analyst, comment="Gone.")
    assert walk.delivery.verifications.count() == 1
