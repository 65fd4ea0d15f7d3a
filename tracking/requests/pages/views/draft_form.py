"""The form of a request: one page to write a draft, to edit it, and to submit it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.current_user import current_user
from accounts.models import User
from accounts.permissions import Forbidden, require_anywhere
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.contract import Difference, diff, find_problems
from pages.ui.form_controls import FormError
from tracking.requests.authoring.draft_editing import EditConflict, default_team, rebase_change, remove_change
from tracking.requests.choices import ChangeAction, Lane, RequestState
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import CHANGE_PREFIX, DefinitionForm
from tracking.requests.pages.forms.editor import (
    RequestEditor,
    editor_from_post,
    editor_from_query,
    event_name_param,
    post_on_current_revision,
    redisplay_raw_values,
)
from tracking.requests.pages.forms.editor_lint import attach_lint
from tracking.requests.pages.forms.editor_saving import save_editor
from tracking.requests.pages.forms.request_form import RequestForm
from tracking.requests.pages.forms.submission_errors import attach_conditions, error_summary, submission_conditions
from tracking.requests.pages.presenters.request_presenter import CHANGES_PER_PAGE, page_number_of_change
from tracking.requests.pages.presenters.status_messages import (
    CHANGE_ACTION_LABELS,
    ENDING_MESSAGES,
    LANE_MESSAGES,
    request_status_message,
)
from tracking.requests.pages.views.similar_events import matching_events, name_clash, similarly_named_events
from tracking.requests.pages.views.typed_properties import library_warnings
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.steps.step_permissions import may_edit
from tracking.requests.workflow.transition_service import move_request

SUBMIT_TARGETS = {"submit": RequestState.REQUESTED, "publish": RequestState.LIVE}
ANCHOR_BY_CODE = {
    "changes": "what",
    "definition": "what",
    "lint": "properties",
    "event": "id_change-name",
    "description": "id_change-description",
    "name_taken": "id_change-name",
    "similar_name": "id_change-name",
    "sources": "id_change-sources",
    "successor": "id_change-successor_name",
    "ends_on": "id_change-ends_on",
    "rebase": "what",
    "traffic": "what",
}


@login_required
@require_http_methods(["GET", "POST"])
def request_new(request: HttpRequest) -> HttpResponse:
    """Write a new draft; `?event=` begins with a change of that event, `?name=` with a new one of that name."""
    user = current_user(request)
    require_anywhere(user, Capability.REQUEST_CREATE)
    return _handle(request, user, None)


@login_required
@require_http_methods(["GET", "POST"])
def request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a draft; `?change=` says which of its changes is open. What is no draft leads to its page."""
    user = current_user(request)
    draft = get_object_or_404(Request.objects.select_related("author", "owner", "team"), pk=pk)
    decision = may_edit(draft, user)
    if not decision:
        raise Forbidden(decision)
    if draft.state != RequestState.DRAFT and request.method == "GET":
        messages.info(request, "Only a draft can be edited. Take it back to draft first.")
        return redirect(draft)
    return _handle(request, user, draft)


def _handle(request: HttpRequest, user: User, draft: Request | None) -> HttpResponse:
    if request.method == "GET":
        editor = editor_from_query(request, user, draft)
        editor.make_unbound_forms(
            _initial_request_values(request, user, draft), _initial_change_values(request, editor)
        )
        return _form_page(request, editor, typed_name=_name_param(request) if editor.needs_event else "")
    form_action = request.POST.get("do", "save")
    if form_action == "rows" or form_action == "find" or form_action.startswith(("as:", "pick:")):
        return _redisplay(request, user, draft, form_action)
    return _save(request, user, draft, form_action)


def _initial_request_values(request: HttpRequest, user: User, draft: Request | None) -> dict[str, Any]:
    if draft is not None:
        return RequestForm.initial_from_request(draft)
    return RequestForm.initial_for_new_request(user, team=default_team(user)) | {
        "title": request.GET.get("title", "")[:200]
    }


def _initial_change_values(request: HttpRequest, editor: RequestEditor) -> dict[str, Any]:
    name = _name_param(request)
    return {"name": name} if name and editor.event is None and editor.change is None else {}


def _name_param(request: HttpRequest) -> str:
    return request.GET.get("name", "")[:512]


def _redisplay(request: HttpRequest, user: User, draft: Request | None, form_action: str) -> HttpResponse:
    """Show the form again with what was typed: with more rows, as another kind of change, or with an event chosen."""
    data = request.POST.copy()
    kind, _, value = form_action.partition(":")
    if kind == "as":
        data[f"{CHANGE_PREFIX}-action"] = value
        if value == ChangeAction.CREATE:
            data[f"{CHANGE_PREFIX}-event"] = ""
    elif kind == "pick":
        data[f"{CHANGE_PREFIX}-event"] = value
        data[f"{CHANGE_PREFIX}-base"] = ""
        if data.get(f"{CHANGE_PREFIX}-action") == ChangeAction.CREATE:
            data[f"{CHANGE_PREFIX}-action"] = ChangeAction.UPDATE
    editor = editor_from_post(data, user, draft)
    redisplay_raw_values(editor, data, more_rows=form_action == "rows", is_same_change=kind in ("rows", "find"))
    return _form_page(request, editor, typed_name=event_name_param(data))


def _save(request: HttpRequest, user: User, draft: Request | None, form_action: str) -> HttpResponse:
    editor = editor_from_post(request.POST, user, draft)
    if not editor.make_bound_forms(request.POST):
        conditions = (
            submission_conditions(editor, SUBMIT_TARGETS[form_action], by=user) if form_action in SUBMIT_TARGETS else []
        )
        return _form_page(request, editor, conditions=conditions, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        saved, change = save_editor(editor, by=user)
        if form_action == "remove" and change is not None:
            remove_change(change, by=user)
            messages.success(request, f"{change.name or 'The change'} is no longer part of the draft.")
            return redirect("requests:edit", saved.pk)
        if form_action == "rebase" and change is not None:
            rebase_change(change, by=user)
    except EditConflict as conflict:
        return _conflict_page(request, editor, conflict)
    except UnmetConditionsError as error:
        return _form_page(request, editor, conditions=error.unmet, status=HTTPStatus.CONFLICT)
    except ValidationError as error:
        for message in error.messages:
            editor.request_form.add_error(None, message)
        return _form_page(request, editor, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    searched_name = event_name_param(request.POST) if editor.needs_event else ""
    if searched_name and form_action in SUBMIT_TARGETS:
        return _ask_for_event(request, user, saved, editor.action, searched_name)
    if form_action in SUBMIT_TARGETS:
        return _submit(request, user, saved, change, SUBMIT_TARGETS[form_action])
    messages.success(request, "The draft is saved.")
    if searched_name and form_action == "save":
        query = {"change": "new", "action": editor.action, "name": searched_name}
        return redirect(reverse("requests:edit", args=[saved.pk], query=query))
    return redirect(_edit_url(saved, _change_to_open(form_action) or (str(change.pk) if change else "")))


def _change_to_open(form_action: str) -> str:
    kind, _, value = form_action.partition(":")
    return value if kind == "open" and (value == "new" or value.isdecimal()) else ""


def _ask_for_event(request: HttpRequest, user: User, saved: Request, action: str, searched_name: str) -> HttpResponse:
    """Show a draft that was saved and not submitted: an event was searched for and none was chosen."""
    editor = RequestEditor(user, saved, action)
    editor.make_unbound_forms(RequestForm.initial_from_request(saved))
    unmet = UnmetCondition("event", "Choose the event that you searched for, or clear the search.")
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _form_page(request, editor, conditions=[unmet], is_saved=True, typed_name=searched_name, status=status)


def _submit(request: HttpRequest, user: User, saved: Request, change: Change | None, to: RequestState) -> HttpResponse:
    """Submit what was saved; where something is missing, the draft is kept and the form says what."""
    try:
        submitted_request = move_request(saved, to, by=user)
    except UnmetConditionsError as error:
        saved.refresh_from_db()
        reloaded_change = (
            change and saved.changes.select_related("event", "base", "successor").filter(pk=change.pk).first()
        )
        editor = (
            RequestEditor(
                user, saved, reloaded_change.action, reloaded_change, reloaded_change.event, reloaded_change.base
            )
            if reloaded_change
            else RequestEditor(user, saved)
        )
        editor.make_unbound_forms(RequestForm.initial_from_request(saved))
        return _form_page(
            request, editor, conditions=error.unmet, is_saved=True, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    messages.success(request, request_status_message(submitted_request))
    return redirect(submitted_request)


def _conflict_page(request: HttpRequest, editor: RequestEditor, conflict: EditConflict) -> HttpResponse:
    """Show what the person wrote beside what is stored now; saving again overwrites it with theirs."""
    current = Request.objects.get(pk=conflict.request.pk)
    data = post_on_current_revision(request.POST, editor, current.revision)
    own_form, document = editor.request_form, getattr(editor.change_form, "document", None)
    differences = _request_differences(current, own_form)
    current_definition = editor.change.definition if editor.change is not None else None
    if document and current_definition and not find_problems(document) and not find_problems(current_definition):
        differences += diff(current_definition, document)
    editor.make_bound_forms(data)
    return _form_page(request, editor, conflict=differences, status=HTTPStatus.CONFLICT)


def _request_differences(current: Request, form: RequestForm) -> list[Difference]:
    """Return what the form would change of the request as it is stored now."""
    differences = []
    for name, value in form.cleaned_fields().items():
        current_value = getattr(current, name)
        if current_value != value:
            label = str(form.fields[name].label)
            differences.append(Difference("changed", "", label, _display_value(current_value), _display_value(value)))
    return differences


def _display_value(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)


def _form_page(
    request: HttpRequest,
    editor: RequestEditor,
    *,
    conditions: list[UnmetCondition] | None = None,
    is_saved: bool = False,
    conflict: list[Difference] | None = None,
    typed_name: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The form. Everything in it can be posted without a script."""
    draft = editor.request
    name = typed_name or _new_event_name(editor)
    steps = (
        [step for step in available_steps(draft, editor.user) if step.to in SUBMIT_TARGETS.values()] if draft else []
    )
    clash = _name_clash(editor)
    unattached = attach_conditions(editor, conditions or [])
    errors = error_summary(editor) + [FormError("", unmet.detail, _anchor(unmet, editor)) for unmet in unattached]
    open_conditions = steps[0].unmet if steps and not errors else ()
    context = {
        "editor": editor,
        "draft": draft,
        "form": editor.request_form,
        "change_form": editor.change_form,
        "is_defining_form": isinstance(editor.change_form, DefinitionForm),
        "changes_page": _changes_page(request, draft, editor) if draft else None,
        "actions": list(CHANGE_ACTION_LABELS.items()),
        "ending_message": ENDING_MESSAGES.get(editor.action, ""),
        "lane_message": LANE_MESSAGES[Lane(draft.lane)] if draft else "",
        "post_url": reverse("requests:edit", args=[draft.pk]) if draft else reverse("requests:new"),
        "wrong": errors,
        "is_saved": is_saved,
        "todo": [(unmet, _anchor(unmet, editor)) for unmet in open_conditions],
        "conflict": conflict,
        "matches": matching_events(name) if editor.needs_event and name else None,
        "name_clash": clash,
        "library_warnings": library_warnings(editor),
        "name_reason": _name_reason_field(editor, is_needed=bool(clash)),
        "other_lint": attach_lint(editor),
        "similar": similarly_named_events(name) if _is_new_event(editor) and name else [],
        "typed_name": name,
        "publishes": any(step.to == RequestState.LIVE for step in steps),
        "shows_message": bool(draft and (draft.lane == "words" or draft.message)),
        "shows_reason": not editor.requires_definition or bool(draft and (draft.lane == "retiring" or draft.reason)),
    }
    return render(request, "requests/form.html", context, status=status)


def _changes_page(request: HttpRequest, draft: Request, editor: RequestEditor) -> Page[Change]:
    """Return the page of the draft's changes that `?page=` asks for; else the one with the change that is open."""
    rows = draft.changes.select_related("event").prefetch_related("sources").order_by("id")
    number = request.GET.get("page") or (page_number_of_change(draft, editor.change.pk) if editor.change else 1)
    page = Paginator(rows, CHANGES_PER_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    return page


def _new_event_name(editor: RequestEditor) -> str:
    """The name that a new event has in the form."""
    return str(editor.change_form["name"].value() or "") if editor.change_form and _is_new_event(editor) else ""


def _name_clash(editor: RequestEditor) -> str:
    """Whose name people would read the typed one as, in a sentence; "" for no one's."""
    form = editor.change_form
    if not isinstance(form, DefinitionForm):
        return ""
    call = str(form["call"].value() or "") if "call" in form.fields else ""
    return name_clash(str(form["name"].value() or ""), call, editor.event, editor.request)


def _name_reason_field(editor: RequestEditor, *, is_needed: bool) -> BoundField | None:
    """The field for the reason, where one is asked for or was given."""
    form = editor.change_form
    if not isinstance(form, DefinitionForm):
        return None
    return form.reason_field(is_needed=is_needed)


def _is_new_event(editor: RequestEditor) -> bool:
    return editor.event is None and isinstance(editor.change_form, DefinitionForm)


def _anchor(unmet: UnmetCondition, editor: RequestEditor) -> str:
    if unmet.code in editor.request_form.fields:
        return f"id_{unmet.code}"
    return ANCHOR_BY_CODE.get(unmet.code, "")


def _edit_url(saved: Request, change: str) -> str:
    url = reverse("requests:edit", args=[saved.pk])
    return f"{url}?change={change}" if change else url
