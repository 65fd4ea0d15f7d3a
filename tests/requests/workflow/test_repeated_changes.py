"""One change of each event in a request: two would undo one another."""

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditionsError
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory
from tracking.requests.authoring.draft_editing import add_change, remove_change
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.models import Change

pytestmark = pytest.mark.django_db

ENDED = {"has_no_successor": True, "ends_on": timezone.localdate()}
COMPOSED, DECOMPOSED = "Caf\N{LATIN SMALL LETTER E WITH ACUTE}", "Cafe\N{COMBINING ACUTE ACCENT}"


@pytest.fixture
def event(members):
    source = SourceFactory.create(owner_team=members.team)
    return EventFactory.create(name="E", definition=definition("E"), owner_team=members.team, sources=[source])


def wider(name, added):
    schema = definition()["schema"]
    return definition(name, schema=schema | {"properties": schema["properties"] | {added: {"type": "string"}}})


def fields_of(action, name):
    return {"definition": wider(name, f"of_{name}")} if action == ChangeAction.UPDATE else ENDED


@pytest.mark.parametrize("second", [ChangeAction.UPDATE, ChangeAction.DEPRECATE, ChangeAction.RETIRE])
@pytest.mark.parametrize("first", [ChangeAction.UPDATE, ChangeAction.DEPRECATE, ChangeAction.RETIRE])
def test_an_event_is_changed_once_whatever_is_done_to_it(members, event, first, second):
    lifecycle = RequestFactory.draft(
        members=members,
        event=event,
        action=first,
        sources=[row.source for row in event.newest_version.for_sources.all()],
        change=fields_of(first, "E1"),
        reason="Old.",
    )
    repeated = add_change(lifecycle.request, action=second, by=members.pm, event=event, **fields_of(second, "E2"))
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    (detail,) = [unmet.detail for unmet in caught.value.unmet if "twice" in unmet.detail]
    assert detail.startswith("E is changed twice here.")
    remove_change(repeated, by=members.pm)
    assert lifecycle.submit().request.state == RequestState.REQUESTED


def test_a_third_change_is_told_as_well(members, event):
    lifecycle = RequestFactory.draft(members=members, event=event, document=wider("E1", "one"))
    for _ in range(2):
        add_change(lifecycle.request, action=ChangeAction.RETIRE, by=members.pm, event=event, **ENDED)
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert sum("twice" in unmet.detail for unmet in caught.value.unmet) == 2


def test_what_was_submitted_before_is_not_approved(members, event):
    lifecycle = RequestFactory.requested(members=members, event=event, document=wider("E1", "one"))
    change = lifecycle.change
    Change.objects.create(
        request=lifecycle.request, action=change.action, event=event, base=change.base, definition=wider("E2", "two")
    )
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.approve()
    assert any("twice" in unmet.detail for unmet in caught.value.unmet)


@pytest.mark.parametrize(("first", "second"), [(COMPOSED, DECOMPOSED), ("Zed", "Zed "), ("Zed", "\tZed")])
def test_two_new_events_of_one_name_are_refused(members, first, second):
    lifecycle = RequestFactory.draft(members=members, document=definition(first))
    add_change(
        lifecycle.request,
        action=ChangeAction.CREATE,
        by=members.pm,
        definition=definition(second),
        sources=lifecycle.sources,
    )
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert [unmet.code for unmet in caught.value.unmet] == ["definition"]


def test_a_new_event_takes_no_name_that_another_is_renamed_to(members, event):
    lifecycle = RequestFactory.draft(members=members, event=event, document=wider(DECOMPOSED, "one"))
    add_change(
        lifecycle.request,
        action=ChangeAction.CREATE,
        by=members.pm,
        definition=definition(COMPOSED),
        sources=lifecycle.sources,
    )
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert [unmet.code for unmet in caught.value.unmet] == ["definition"]


def test_two_events_and_two_calls_of_one_name_pass(members, event):
    lifecycle = RequestFactory.draft(members=members, event=event, document=wider("E1", "one"))
    for call in ("track", "page"):
        add_change(
            lifecycle.request,
            action=ChangeAction.CREATE,
            by=members.pm,
            definition=definition("Zed", call=call),
            sources=lifecycle.sources,
        )
    assert lifecycle.submit().request.state == RequestState.REQUESTED
