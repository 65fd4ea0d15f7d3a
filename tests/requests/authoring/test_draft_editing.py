"""Drafts: who may edit them, what is refused, what two editors see."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.contract.json.three_way_merge import MergeConflict, three_way_merge
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, TeamFixture
from tracking.requests.authoring.draft_editing import (
    EditConflict,
    add_change,
    create_request,
    edit_change,
    edit_request,
    rebase_change,
    remove_change,
)
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.models import Request
from tracking.requests.workflow.available_steps import available_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.mark.parametrize("role", ["viewer", "qa", "admin"])
def test_not_everybody_asks_for_tracking(members, role):
    with pytest.raises(Forbidden):
        create_request(by=getattr(members, role), title="A")
    assert not Request.objects.exists()


@pytest.mark.parametrize("role", ["pm", "analyst", "developer"])
def test_these_roles_ask_for_tracking(members, role):
    assert create_request(by=getattr(members, role), title="A").state == RequestState.DRAFT


def test_a_title_is_needed(members):
    with pytest.raises(ValidationError) as caught:
        create_request(by=members.pm, title=" ")
    assert "title" in caught.value.message_dict


@pytest.mark.parametrize("role", ["analyst", "developer", "viewer", "second_analyst"])
def test_a_draft_is_its_authors(members, role):
    lifecycle = RequestFactory.draft(members=members)
    by = getattr(members, role)
    with pytest.raises(Forbidden):
        edit_request(lifecycle.request, by=by, revision=None, title="Mine now")
    with pytest.raises(Forbidden):
        edit_change(lifecycle.change, by=by, revision=None, definition={})
    with pytest.raises(Forbidden):
        remove_change(lifecycle.change, by=by)


def test_its_owner_edits_it_too(members):
    lifecycle = RequestFactory.draft(members=members, owner=members.developer)
    assert edit_request(lifecycle.request, by=members.developer, revision=None, title="Better").title == "Better"


def test_what_is_submitted_is_not_edited(members):
    lifecycle = RequestFactory.requested(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        edit_request(lifecycle.request, by=members.pm, revision=None, title="Late")
    assert [unmet.code for unmet in caught.value.unmet] == ["state"]


def test_an_edit_of_something_older_is_a_conflict(members):
    lifecycle = RequestFactory.draft(members=members)
    seen = lifecycle.request.revision
    edit_request(lifecycle.request, by=members.pm, revision=seen, title="First")
    with pytest.raises(EditConflict) as caught:
        edit_request(lifecycle.request, by=members.pm, revision=seen, title="Second")
    assert (caught.value.request.title, caught.value.request.revision) == ("First", seen + 1)


def test_a_change_that_was_removed_meanwhile_is_a_conflict(members):
    change = RequestFactory.draft(members=members).change
    remove_change(change, by=members.pm)
    for edit in (partial(edit_change, revision=None, definition=definition()), remove_change, rebase_change):
        with pytest.raises(EditConflict):
            edit(change, by=members.pm)


def test_an_edit_that_changes_nothing_writes_nothing(members):
    lifecycle = RequestFactory.draft(members=members)
    before = HistoryEntry.objects.count()
    edited = edit_request(lifecycle.request, by=members.pm, revision=None, title=lifecycle.request.title)
    assert (edited.revision, HistoryEntry.objects.count()) == (lifecycle.request.revision, before)


def test_deliveries_follow_the_sources_of_a_draft(members):
    lifecycle = RequestFactory.draft(members=members)
    other = SourceFactory.create(owner_team=members.team)
    edit_change(lifecycle.change, by=members.pm, revision=None, sources=[other])
    assert [delivery.source for delivery in lifecycle.deliveries] == [other]


def test_a_change_names_its_event_unless_it_creates_one(members):
    request = create_request(by=members.pm, title="A")
    event = EventFactory.create()
    with pytest.raises(ValidationError):
        add_change(request, action=ChangeAction.CREATE, event=event, by=members.pm, definition=definition())
    with pytest.raises(ValidationError):
        add_change(request, action=ChangeAction.RETIRE, by=members.pm)
    with pytest.raises(ValidationError):
        add_change(request, action=ChangeAction.CREATE, by=members.pm, definition=["no", "object"])
    assert not request.changes.exists()


def test_an_update_starts_from_what_stands(members):
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(name="Order Completed", definition=definition(), sources=[source])
    request = create_request(by=members.pm, title="A")
    change = add_change(request, action=ChangeAction.UPDATE, event=event, by=members.pm)
    assert (change.definition, change.base) == (event.newest_version.definition, event.newest_version)
    assert list(change.sources.all()) == [source]


def test_a_definition_of_hostile_text_is_kept_and_refused_later(members):
    lifecycle = RequestFactory.draft(members=members, document={"name": "a\x00b\ud800", "schema": {"type": "object"}})
    assert lifecycle.change.definition["name"] == "a\\u0000b\\ud800"


def test_identify_is_named_by_its_call(members):
    lifecycle = RequestFactory.draft(members=members, document=definition("Somebody", call="identify"))
    assert lifecycle.change.name == "identify"
    assert lifecycle.submit().approve().event.name == "identify"


def test_a_change_is_taken_out_again(members):
    lifecycle = RequestFactory.draft(members=members)
    remove_change(lifecycle.change, by=members.pm)
    assert not lifecycle.request.changes.exists()


def test_merging_keeps_both_sides():
    base = {"a": 1, "b": {"c": 1, "d": 1}, "e": [1]}
    mine = {"a": 1, "b": {"c": 2, "d": 1}, "e": [1], "new": True}
    theirs = {"a": 3, "b": {"c": 1}, "e": [1]}
    assert three_way_merge(base, mine, theirs) == {"a": 3, "b": {"c": 2}, "e": [1], "new": True}


def test_merging_tells_where_both_changed():
    with pytest.raises(MergeConflict) as caught:
        three_way_merge({"a": {"b": 1}, "c": [1]}, {"a": {"b": 2}, "c": [2]}, {"a": {"b": 3}, "c": [3]})
    assert caught.value.paths == ["/a/b", "/c"]


def test_merging_tells_true_from_one():
    assert three_way_merge({"a": 1}, {"a": True}, {"a": 1}) == {"a": True}


@pytest.mark.parametrize("value", [5, [], ["track"], {}, {"a": [1]}], ids=repr)
def test_whatever_a_definition_holds_is_kept_and_shown_and_told_when_it_is_submitted(members, client_of, value):
    browser = client_of(members.pm)
    source = SourceFactory.create(owner_team=members.team)
    event = EventFactory.create(owner_team=members.team, sources=[source], definition=definition())
    draft = create_request(by=members.pm, title="Any JSON")
    for member in ("name", "call", "kind", "description", "trigger", "schema", "traits", "per_source"):
        document = definition(f"With a wrong {member}") | {member: value}
        add_change(draft, action=ChangeAction.CREATE, by=members.pm, sources=[source], definition=document)
    updated = add_change(
        draft, action=ChangeAction.UPDATE, by=members.pm, event=event, definition=definition() | {"call": value}
    )
    (submission,) = (step for step in available_steps(draft, members.pm) if step.to == RequestState.REQUESTED)
    assert sum("call" in unmet.detail for unmet in submission.unmet) >= 2
    assert browser.get(f"/requests/{draft.pk}/").status_code == 200
    for change in (*draft.changes.all()[:3], updated):
        assert browser.get(f"/requests/{draft.pk}/edit/?change={change.pk}").status_code == 200
