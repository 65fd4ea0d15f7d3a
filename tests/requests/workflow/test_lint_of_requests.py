"""The lint on a request's way: errors keep it a draft, warnings need a reason, old defects block nothing."""

import pytest

from accounts.preconditions import UnmetConditionsError
from catalog.contract import LintSeverity
from tests.factories.catalog import EventFactory, definition
from tests.factories.requests import RequestFactory
from tracking.requests.authoring.draft_editing import add_change, edit_change
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.evidence.draft_lint import lint_issues
from tracking.requests.models import Change
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.available_steps import available_steps


def schema_with(**properties):
    return {"type": "object", "properties": {"total": {"type": "number"}} | properties}


TYPING_ERROR = definition(schema=schema_with(coupon={"type": "string", "maxlength": 20}))
UNUSABLE_NULL = definition(schema=schema_with(coupon={"type": ["string", "null"], "enum": ["ten", "twenty"]}))


def drafted(members, source, document):
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=document)
    lifecycle.request.refresh_from_db()
    return lifecycle


def unmet_of(caught):
    return [(unmet.code, unmet.detail) for unmet in caught.value.unmet]


def test_a_typing_error_in_a_keyword_keeps_the_request_a_draft(members, source):
    lifecycle = drafted(members, source, TYPING_ERROR)
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    ((code, detail),) = unmet_of(caught)
    assert code == "lint"
    assert detail.startswith('Order Completed: coupon: "maxlength" is no keyword')
    assert detail.endswith("Did you mean maxLength?")
    step = next(step for step in available_steps(lifecycle.request, members.pm) if step.to == "requested")
    assert [(unmet.code, unmet.detail) for unmet in step.unmet] == unmet_of(caught)


def test_what_the_lint_finds_is_stored_with_each_edit(members, source):
    lifecycle = drafted(members, source, TYPING_ERROR)
    (issue,) = lifecycle.change.lint
    assert (issue["code"], issue["severity"], issue["place"]) == ("unknown_keyword", "error", "coupon")
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=definition())
    assert lifecycle.change.lint == []
    lifecycle.request.refresh_from_db()
    assert lifecycle.submit().request.state == RequestState.REQUESTED


def test_what_was_stored_before_issues_named_sources_is_read(members, source, api_of):
    lifecycle = drafted(members, source, TYPING_ERROR)
    (issue,) = lifecycle.change.lint
    assert issue.pop("sources") == []
    Change.objects.update(lint=[issue])
    answer = api_of(members.pm).get(f"/api/v1/requests/{lifecycle.request.pk}/")
    (shown,) = answer.json()["changes"][0]["lint"]
    assert shown == issue | {"sources": []}
    (read,) = lint_issues(Change.objects.get(), is_preview=True)
    assert (read.severity, read.sources) == (LintSeverity.ERROR, ())


def test_a_step_looks_anew_whatever_is_stored(members, source):
    lifecycle = drafted(members, source, TYPING_ERROR)
    Change.objects.update(lint=[])
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert [code for code, _detail in unmet_of(caught)] == ["lint"]


def test_what_does_not_compile_is_told_alone(members, source):
    broken = definition(schema={"type": "nonsense", "maxlength": 1})
    lifecycle = drafted(members, source, broken)
    assert lifecycle.change.problems
    assert lifecycle.change.lint == []


def test_an_old_defect_blocks_no_change_that_does_not_touch_it(members, source):
    event = EventFactory.create(
        name="Order Completed", definition=TYPING_ERROR, sources=[source], owner_team=members.team
    )
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    lifecycle.change.delete()
    document = definition(schema=schema_with(coupon={"type": "string", "maxlength": 20}, currency={"type": "string"}))
    change = add_change(
        lifecycle.request, action=ChangeAction.UPDATE, event=event, by=members.pm, definition=document, sources=[source]
    )
    assert [issue["severity"] for issue in change.lint] == ["note"]
    lifecycle.request.refresh_from_db()
    assert lifecycle.submit().request.state == RequestState.REQUESTED


def test_a_second_defect_beside_an_old_one_is_refused(members, source):
    event = EventFactory.create(
        name="Order Completed", definition=TYPING_ERROR, sources=[source], owner_team=members.team
    )
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    lifecycle.change.delete()
    document = definition(schema=schema_with(coupon={"type": "string", "maxlength": 20}, currency={"enums": ["EUR"]}))
    add_change(
        lifecycle.request, action=ChangeAction.UPDATE, event=event, by=members.pm, definition=document, sources=[source]
    )
    lifecycle.request.refresh_from_db()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    ((_code, detail),) = unmet_of(caught)
    assert "currency" in detail


def test_warnings_are_accepted_with_a_reason(members, source):
    lifecycle = drafted(members, source, UNUSABLE_NULL).submit()
    step = next(step for step in available_steps(lifecycle.request, members.analyst) if step.to == "reviewed")
    asked = next(each for each in step.inputs if each.field == "comment")
    assert (asked.is_required, asked.label) == (True, "Why the lint's warnings are accepted")
    with pytest.raises(UnmetConditionsError) as caught:
        approve_request(lifecycle.request, by=members.analyst, comment=" ")
    ((code, detail),) = unmet_of(caught)
    assert code == "comment"
    assert "coupon: No event can ever carry null here" in detail
    approval = approve_request(lifecycle.request, by=members.analyst, comment="Old apps send it.")
    assert approval.request.state == RequestState.REVIEWED
    assert approval.comment == "Old apps send it."


def test_without_warnings_no_reason_is_asked_for(members, source):
    lifecycle = drafted(members, source, definition()).submit()
    step = next(step for step in available_steps(lifecycle.request, members.analyst) if step.to == "reviewed")
    assert not next(each for each in step.inputs if each.field == "comment").is_required
    assert lifecycle.approve().request.state == RequestState.REVIEWED
