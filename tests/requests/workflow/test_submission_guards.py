"""What a request needs before it is submitted: met, a condition says nothing; unmet, it says so with its code."""

import pytest

from accounts.preconditions import UnmetConditionsError
from tests.factories.catalog import EventFactory, definition, publish_next_version
from tests.factories.requests import RequestFactory
from tests.requests.workflow.guarded_steps import codes, codes_of
from tracking.requests.authoring.draft_editing import add_change, create_request, rebase_change
from tracking.requests.choices import ChangeAction, Lane, RequestState
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db

NEW_FIELDS = ("question", "decision", "owner", "priority", "expected_per_day", "review_by")


def test_a_request_changes_something(members):
    lifecycle = RequestFactory.draft(members=members)
    assert codes(["has_changes"], lifecycle) == []
    lifecycle.change.delete()
    assert codes(["has_changes"], lifecycle) == ["changes"]


def test_an_update_that_says_what_stands_changes_nothing(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    lifecycle = RequestFactory.draft(members=members, event=event, sources=[], message="Nothing.")
    assert codes(["has_changes"], lifecycle) == ["changes"]


@pytest.mark.parametrize(
    "document",
    [
        {"name": "Order Completed"},
        {"schema": {"type": "object"}},
        definition(schema={"type": "object", "properties": {"total": {"type": "nonsense"}}}),
        definition(schema={"type": "object", "properties": {"a": {"$ref": "https://example.com/a.json"}}}),
        definition(schema={"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=x)x"}}}),
    ],
)
def test_each_definition_compiles(members, document):
    lifecycle = RequestFactory.draft(members=members, document=document)
    assert "definition" in codes(["definitions_valid"], lifecycle)


def test_an_event_is_asked_for_once(members):
    lifecycle = RequestFactory.draft(members=members)
    add_change(lifecycle.request, action=ChangeAction.CREATE, by=members.pm, definition=definition())
    assert codes(["definitions_valid"], lifecycle) == ["definition"]


def test_a_name_that_is_an_event_already_is_refused(members):
    EventFactory.create(name="Order Completed")
    lifecycle = RequestFactory.draft(members=members)
    assert codes(["definitions_valid"], lifecycle) == ["name_taken"]


def test_an_event_keeps_its_call(members):
    event = EventFactory.create(name="Order Completed", definition=definition())
    lifecycle = RequestFactory.draft(members=members, event=event, document=definition(call="page"))
    assert codes(["definitions_valid"], lifecycle) == ["definition"]


def test_a_change_builds_on_the_newest_version(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    document = definition(description="Paid, and not a free order.", trigger="After the bank said yes.")
    lifecycle = RequestFactory.draft(members=members, event=event, document=document)
    assert codes(["based_on_newest"], lifecycle) == []
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    newer = publish_next_version(event, definition(schema=wider))
    assert codes(["based_on_newest"], lifecycle) == ["rebase"]
    change = rebase_change(lifecycle.change, by=members.pm)
    assert change.base == newer
    assert "currency" in change.definition["schema"]["properties"]
    assert change.definition["trigger"] == "After the bank said yes."
    assert codes(["based_on_newest"], lifecycle) == []


def test_a_rebase_that_both_changed_is_for_a_person(members):
    event = EventFactory.create(name="Order Completed", definition=definition())
    lifecycle = RequestFactory.draft(
        members=members, event=event, document=definition(description="Mine.", trigger="x")
    )
    publish_next_version(event, definition(description="Theirs."))
    with pytest.raises(UnmetConditionsError) as caught:
        rebase_change(lifecycle.change, by=members.pm)
    assert "/description" in str(caught.value)


@pytest.mark.parametrize("field", NEW_FIELDS)
def test_a_new_event_says_what_it_is_for(members, field):
    empty = None if field in ("owner", "expected_per_day", "review_by") else ""
    lifecycle = RequestFactory.draft(members=members, **{field: empty})
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert codes_of(caught) == {field}


def test_a_metric_stands_for_a_decision(members):
    assert (
        RequestFactory.draft(members=members, decision="", metric="Revenue").submit().request.state
        == RequestState.REQUESTED
    )


def test_a_new_event_names_its_sources(members):
    lifecycle = RequestFactory.draft(members=members, sources=[])
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert codes_of(caught) == {"sources"}


def test_words_need_a_message(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    lifecycle = RequestFactory.draft(members=members, event=event, sources=[], document=definition(description="Paid."))
    assert lifecycle.request.lane == Lane.WORDS
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, RequestState.LIVE, by=members.pm)
    assert codes_of(caught) == {"message"}


@pytest.mark.parametrize("field", ["reason", "successor", "ends_on"])
def test_ending_an_event_says_why_and_when_and_what_comes_after(members, field):
    event = EventFactory.create(name="Order Completed", owner_team=members.team)
    fields = {"has_no_successor": True, "ends_on": "2030-01-01"}
    fields.pop({"successor": "has_no_successor"}.get(field, field), None)
    reason = "" if field == "reason" else "Nobody reads it."
    lifecycle = RequestFactory.draft(
        members=members, event=event, action=ChangeAction.DEPRECATE, sources=[], change=fields, reason=reason
    )
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert codes_of(caught) == {field}


def test_a_draft_of_nobody_else_is_created_by_the_author(members):
    request = create_request(by=members.pm, title="A")
    assert (request.owner, request.team) == (members.pm, members.team)
