"""Words upon a version: they are taken back, and come back, with it."""

import pytest

from accounts.preconditions import UnmetConditionsError
from catalog.models import Binding, Version
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.guarded_steps import codes_of
from tests.requests.workflow.reversal_steps import last_said, redraft, state_of, wider
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


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
