"""Drafts: who may edit them, what is refused, what two editors see."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from catalog.contract.json.three_way_merge import CannotMerge, merged
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import Cast, RequestFactory
from tracking.requests.authoring.draft_editing import (
    Conflict,
    add_change,
    create_request,
    edit_change,
    edit_request,
    remove_change,
)
from tracking.requests.choices import Action, State
from tracking.requests.models import Request

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


@pytest.mark.parametrize("role", ["viewer", "qa", "admin"])
def test_not_everybody_asks_for_tracking(cast, role):
    with pytest.raises(Forbidden):
        create_request(by=getattr(cast, role), title="A")
    assert not Request.objects.exists()


@pytest.mark.parametrize("role", ["pm", "analyst", "developer"])
def test_these_roles_ask_for_tracking(cast, role):
    assert create_request(by=getattr(cast, role), title="A").state == State.DRAFT


def test_a_title_is_needed(cast):
    with pytest.raises(ValidationError) as caught:
        create_request(by=cast.pm, title=" ")
    assert "title" in caught.value.message_dict


@pytest.mark.parametrize("role", ["analyst", "developer", "viewer", "lead"])
def test_a_draft_is_its_authors(cast, role):
    walk = RequestFactory.draft(cast=cast)
    by = getattr(cast, role)
    with pytest.raises(Forbidden):
        edit_request(walk.request, by=by, revision=None, title="Mine now")
    with pytest.raises(Forbidden):
        edit_change(walk.change, by=by, revision=None, definition={})
    with pytest.raises(Forbidden):
        remove_change(walk.change, by=by)


def test_its_owner_edits_it_too(cast):
    walk = RequestFactory.draft(cast=cast, owner=cast.developer)
    assert edit_request(walk.request, by=cast.developer, revision=None, title="Better").title == "Better"


def test_what_is_submitted_is_not_edited(cast):
    walk = RequestFactory.requested(cast=cast)
    with pytest.raises(UnmetConditions) as caught:
        edit_request(walk.request, by=cast.pm, revision=None, title="Late")
    assert [unmet.code for unmet in caught.value.unmet] == ["state"]


def test_an_edit_of_something_older_is_a_conflict(cast):
    walk = RequestFactory.draft(cast=cast)
    seen = walk.request.revision
    edit_request(walk.request, by=cast.pm, revision=seen, title="First")
    with pytest.raises(Conflict) as caught:
        edit_request(walk.request, by=cast.pm, revision=seen, title="Second")
    assert (caught.value.request.title, caught.value.request.revision) == ("First", seen + 1)


def test_an_edit_that_changes_nothing_writes_nothing(cast):
    walk = RequestFactory.draft(cast=cast)
    before = HistoryEntry.objects.count()
    edited = edit_request(walk.request, by=cast.pm, revision=None, title=walk.request.title)
    assert (edited.revision, HistoryEntry.objects.count()) == (walk.request.revision, before)


def test_deliveries_follow_the_sources_of_a_draft(cast):
    walk = RequestFactory.draft(cast=cast)
    other = SourceFactory.create(owner_team=cast.team)
    edit_change(walk.change, by=cast.pm, revision=None, sources=[other])
    assert [delivery.source for delivery in walk.deliveries] == [other]


def test_a_change_names_its_event_unless_it_creates_one(cast):
    request = create_request(by=cast.pm, title="A")
    event = EventFactory.create()
    with pytest.raises(ValidationError):
        add_change(request, action=Action.CREATE, event=event, by=cast.pm, definition=definition())
    with pytest.raises(ValidationError):
        add_change(request, action=Action.RETIRE, by=cast.pm)
    with pytest.raises(ValidationError):
        add_change(request, action=Action.CREATE, by=cast.pm, definition=["no", "object"])
    assert not request.changes.exists()


def test_an_update_starts_from_what_stands(cast):
    source = SourceFactory.create(owner_team=cast.team)
    event = EventFactory.create(name="Order Completed", definition=definition(), sources=[source])
    request = create_request(by=cast.pm, title="A")
    change = add_change(request, action=Action.UPDATE, event=event, by=cast.pm)
    assert (change.definition, change.base) == (event.newest_version.definition, event.newest_version)
    assert list(change.sources.all()) == [source]


def test_a_definition_of_hostile_text_is_kept_and_refused_later(cast):
    walk = RequestFactory.draft(cast=cast, document={"name": "a\x00b\ud800", "schema": {"type": "object"}})
    assert walk.change.definition["name"] == "a\\u0000b\\ud800"


def test_identify_is_named_by_its_call(cast):
    walk = RequestFactory.draft(cast=cast, document=definition("Somebody", call="identify"))
    assert walk.change.name == "identify"
    assert walk.submit().approve().event.name == "identify"


def test_a_change_is_taken_out_again(cast):
    walk = RequestFactory.draft(cast=cast)
    remove_change(walk.change, by=cast.pm)
    assert not walk.request.changes.exists()


def test_merging_keeps_both_sides():
    base = {"a": 1, "b": {"c": 1, "d": 1}, "e": [1]}
    mine = {"a": 1, "b": {"c": 2, "d": 1}, "e": [1], "new": True}
    theirs = {"a": 3, "b": {"c": 1}, "e": [1]}
    assert merged(base, mine, theirs) == {"a": 3, "b": {"c": 2}, "e": [1], "new": True}


def test_merging_tells_where_both_changed():
    with pytest.raises(CannotMerge) as caught:
        merged({"a": {"b": 1}, "c": [1]}, {"a": {"b": 2}, "c": [2]}, {"a": {"b": 3}, "c": [3]})
    assert caught.value.paths == ["/a/b", "/c"]


def test_merging_tells_true_from_one():
    assert merged({"a": 1}, {"a": True}, {"a": 1}) == {"a": True}
