"""The form of a request: one page to write a draft, to edit it, and to submit it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.current_user import signed_in
from accounts.models import User
from accounts.permissions import Forbidden, require
from accounts.preconditions import Unmet, UnmetConditions
from accounts.roles import Capability
from catalog.contract import Difference, diff, problems
from pages.ui.form_controls import Fault
from tracking.requests.authoring.draft_editing import Conflict, rebase_change, remove_change
from tracking.requests.choices import Action, State
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import PREFIX, DefiningForm
from tracking.requests.pages.forms.editor import (
    Sheet,
    name_typed,
    renewed,
    sheet_of_address,
    sheet_of_post,
    show_typed,
)
from tracking.requests.pages.forms.editor_saving import save_sheet
from tracking.requests.pages.forms.request_form import RequestForm
from tracking.requests.pages.forms.submission_errors import mark, summary, would_lack
from tracking.requests.pages.presenters.status_messages import told
from tracking.requests.pages.views.similar_events import matching, similar_to
from tracking.requests.workflow.available_steps import allowed
from tracking.requests.workflow.steps.step_permissions import may_edit
from tracking.requests.workflow.transition_service import move_request

SUBMITS = {"submit": State.REQUESTED, "publish": State.LIVE}
ANCHORS = {
    "changes": "what",
    "definition": "what",
    "description": "id_change-description",
    "name_taken": "id_change-name",
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
    user = signed_in(request)
    require(user, Capability.REQUEST_CREATE)
    return _answered(request, user, None)


@login_required
@require_http_methods(["GET", "POST"])
def request_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a draft; `?change=` says which of its changes is open. What is no draft leads to its page."""
    user = signed_in(request)
    found = get_object_or_404(Request.objects.select_related("author", "owner", "team"), pk=pk)
    decision = may_edit(found, user)
    if not decision:
        raise Forbidden(decision)
    if found.state != State.DRAFT and request.method == "GET":
        messages.info(request, "Only a draft can be edited. Take it back to draft first.")
        return redirect(found)
    return _answered(request, user, found)


def _answered(request: HttpRequest, user: User, found: Request | None) -> HttpResponse:
    if request.method == "GET":
        sheet = sheet_of_address(request, user, found)
        sheet.show(_beginning(request, user, found), _named(request, sheet))
        return _page(request, sheet)
    wish = request.POST.get("do", "save")
    if wish == "rows" or wish == "find" or wish.startswith(("as:", "pick:")):
        return _shown_otherwise(request, user, found, wish)
    return _saved(request, user, found, wish)


def _beginning(request: HttpRequest, user: User, found: Request | None) -> dict[str, Any]:
    if found is not None:
        return RequestForm.standing(found)
    team = next((membership.team for membership in user.held if membership.team is not None), None)
    return RequestForm.beginning(user, team=team) | {"title": request.GET.get("title", "")[:200]}


def _named(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    name = request.GET.get("name", "")[:512]
    return {"name": name} if name and sheet.event is None and sheet.change is None else {}


def _shown_otherwise(request: HttpRequest, user: User, found: Request | None, wish: str) -> HttpResponse:
    """Show the form again with what was typed: with more rows, as another kind of change, or with an event chosen."""
    data = request.POST.copy()
    kind, _, value = wish.partition(":")
    if kind == "as":
        data[f"{PREFIX}-action"] = value
        if value == Action.CREATE:
            data[f"{PREFIX}-event"] = ""
    elif kind == "pick":
        data[f"{PREFIX}-event"] = value
        data[f"{PREFIX}-base"] = ""
        if data.get(f"{PREFIX}-action") == Action.CREATE:
            data[f"{PREFIX}-action"] = Action.UPDATE
    sheet = sheet_of_post(data, user, found)
    show_typed(sheet, data, more_rows=wish == "rows", is_same=kind in ("rows", "find"))
    return _page(request, sheet, typed_name=name_typed(data))


def _saved(request: HttpRequest, user: User, found: Request | None, wish: str) -> HttpResponse:
    sheet = sheet_of_post(request.POST, user, found)
    if not sheet.bind(request.POST):
        lacking = would_lack(sheet, SUBMITS[wish], by=user) if wish in SUBMITS else []
        return _page(request, sheet, refused=lacking, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        saved, change = save_sheet(sheet, by=user)
        if wish == "remove" and change is not None:
            remove_change(change, by=user)
            messages.success(request, f"{change.name or 'The change'} is no longer part of the draft.")
            return redirect("requests:edit", saved.pk)
        if wish == "rebase" and change is not None:
            rebase_change(change, by=user)
    except Conflict as conflict:
        return _conflict(request, sheet, conflict)
    except UnmetConditions as refused:
        return _page(request, sheet, refused=refused.unmet, status=HTTPStatus.CONFLICT)
    except ValidationError as refused:
        for message in refused.messages:
            sheet.request_form.add_error(None, message)
        return _page(request, sheet, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if wish in SUBMITS:
        return _submitted(request, user, saved, change, SUBMITS[wish])
    messages.success(request, "The draft is saved.")
    return redirect(_edit_url(saved, _opened(wish) or (str(change.pk) if change else "")))


def _opened(wish: str) -> str:
    kind, _, value = wish.partition(":")
    return value if kind == "open" and (value == "new" or value.isdecimal()) else ""


def _submitted(request: HttpRequest, user: User, saved: Request, change: Change | None, to: State) -> HttpResponse:
    """Submit what was saved; where something is missing, the draft is kept and the form says what."""
    try:
        moved = move_request(saved, to, by=user)
    except UnmetConditions as refused:
        saved.refresh_from_db()
        kept = change and saved.changes.select_related("event", "base", "successor").filter(pk=change.pk).first()
        sheet = Sheet(user, saved, kept.action, kept, kept.event, kept.base) if kept else Sheet(user, saved)
        sheet.show(RequestForm.standing(saved))
        return _page(request, sheet, refused=refused.unmet, is_saved=True, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, told(moved))
    return redirect(moved)


def _conflict(request: HttpRequest, sheet: Sheet, conflict: Conflict) -> HttpResponse:
    """Show what the person wrote beside what now stands; saving again puts theirs on top."""
    now = Request.objects.get(pk=conflict.request.pk)
    data = renewed(request.POST, sheet, now.revision)
    mine, document = sheet.request_form, getattr(sheet.change_form, "document", None)
    differences = _between(now, mine)
    standing = sheet.change.definition if sheet.change is not None else None
    if document and standing and not problems(document) and not problems(standing):
        differences += diff(standing, document)
    sheet.bind(data)
    return _page(request, sheet, conflict=differences, status=HTTPStatus.CONFLICT)


def _between(now: Request, form: RequestForm) -> list[Difference]:
    """What the form would change of the request as it now stands."""
    found = []
    for name, value in form.written().items():
        stands = getattr(now, name)
        if stands != value:
            label = str(form.fields[name].label)
            found.append(Difference("changed", "", label, _said(stands), _said(value)))
    return found


def _said(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)


def _page(
    request: HttpRequest,
    sheet: Sheet,
    *,
    refused: list[Unmet] | None = None,
    is_saved: bool = False,
    conflict: list[Difference] | None = None,
    typed_name: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The form. Everything in it can be posted without a script."""
    draft = sheet.request
    name = typed_name or _name_of(sheet)
    steps = [step for step in allowed(draft, sheet.user) if step.to in SUBMITS.values()] if draft else []
    others = mark(sheet, refused or [])
    wrong = summary(sheet) + [Fault("", unmet.detail, _anchor(unmet, sheet)) for unmet in others]
    todo = steps[0].unmet if steps and not wrong else ()
    context = {
        "sheet": sheet,
        "draft": draft,
        "form": sheet.request_form,
        "change_form": sheet.change_form,
        "is_defining_form": isinstance(sheet.change_form, DefiningForm),
        "changes": list(draft.changes.select_related("event").prefetch_related("sources")) if draft else [],
        "actions": list(Action),
        "post_url": reverse("requests:edit", args=[draft.pk]) if draft else reverse("requests:new"),
        "wrong": wrong,
        "is_saved": is_saved,
        "todo": [(unmet, _anchor(unmet, sheet)) for unmet in todo],
        "conflict": conflict,
        "matches": matching(name) if sheet.needs_event and name else None,
        "similar": similar_to(name) if _is_new(sheet) and name else [],
        "typed_name": name,
        "publishes": any(step.to == State.LIVE for step in steps),
        "shows_message": bool(draft and (draft.lane == "words" or draft.message)),
        "shows_reason": not sheet.is_defining or bool(draft and (draft.lane == "retiring" or draft.reason)),
    }
    return render(request, "requests/form.html", context, status=status)


def _name_of(sheet: Sheet) -> str:
    """The name that a new event has in the form."""
    return str(sheet.change_form["name"].value() or "") if sheet.change_form and _is_new(sheet) else ""


def _is_new(sheet: Sheet) -> bool:
    return sheet.event is None and isinstance(sheet.change_form, DefiningForm)


def _anchor(unmet: Unmet, sheet: Sheet) -> str:
    if unmet.code in sheet.request_form.fields:
        return f"id_{unmet.code}"
    return ANCHORS.get(unmet.code, "")


def _edit_url(saved: Request, change: str) -> str:
    url = reverse("requests:edit", args=[saved.pk])
    return f"{url}?change={change}" if change else url
