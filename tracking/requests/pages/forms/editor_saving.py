"""What the form writes: the request and its open change, in one transaction."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.preconditions import Unmet, UnmetConditions
from catalog.contract.json.three_way_merge import CannotMerge, merged
from tracking.requests.authoring.draft_editing import add_change, create_request, edit_change, edit_request
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import DefiningForm, fields_of
from tracking.requests.pages.forms.editor import Sheet


@transaction.atomic
def save_sheet(sheet: Sheet, *, by: User) -> tuple[Request, Change | None]:
    """Save a valid sheet, and return the draft and its open change as they now are.

    A new event of which nothing was said adds no change. Raises Conflict where somebody else edited the draft since
    it was shown, and what the services raise.
    """
    fields = sheet.request_form.written()
    if sheet.request is None:
        request = create_request(by=by, **fields)
    else:
        revision = sheet.request_form.cleaned_data.get("revision")
        request = edit_request(sheet.request, by=by, revision=revision, **fields)
    form = sheet.change_form
    if form is None or form.is_blank:
        return request, sheet.change
    said = fields_of(form)
    if sheet.change is not None:
        change = sheet.change
        if _differs(change, said):
            change = edit_change(change, by=by, revision=request.revision, **said)
    else:
        if isinstance(form, DefiningForm):
            said["definition"] = _on_newest(sheet, form.document)
        change = add_change(request, action=sheet.action, event=sheet.event, by=by, revision=request.revision, **said)
    request.refresh_from_db()
    return request, change


def _differs(change: Change, said: dict[str, Any]) -> bool:
    sources = {source.pk for source in said["sources"]}
    return sources != {source.pk for source in change.sources.all()} or any(
        getattr(change, name) != value for name, value in said.items() if name != "sources"
    )


def _on_newest(sheet: Sheet, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document on top of what was approved while it was being written.

    Raises UnmetConditions where both changed the same place.
    """
    newest = sheet.event.newest_version if sheet.event else None
    if newest is None or sheet.base is None or newest.pk == sheet.base.pk:
        return document
    try:
        return merged(sheet.base.definition, document, newest.definition)
    except CannotMerge as error:
        told = f"{newest} was approved meanwhile. {error} Take its words for these, then save again."
        raise UnmetConditions([Unmet("rebase", told)]) from error
