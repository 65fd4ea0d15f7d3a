"""What the form writes: the request and its open change, in one transaction."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from catalog.contract.json.three_way_merge import MergeConflict, three_way_merge
from tracking.requests.authoring.draft_editing import add_change, create_request, edit_change, edit_request
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import DefinitionForm, change_values
from tracking.requests.pages.forms.editor import RequestEditor


@transaction.atomic
def save_editor(editor: RequestEditor, *, by: User) -> tuple[Request, Change | None]:
    """Save a valid editor, and return the draft and its open change as they now are.

    A new event of which nothing was said adds no change. Raises EditConflict where somebody else edited the draft since
    it was shown, and what the services raise.
    """
    fields = editor.request_form.cleaned_fields()
    if editor.request is None:
        request = create_request(by=by, **fields)
    else:
        revision = editor.request_form.cleaned_data.get("revision")
        request = edit_request(editor.request, by=by, revision=revision, **fields)
    form = editor.change_form
    if form is None or form.is_blank:
        return request, editor.change
    values = change_values(form)
    if editor.change is not None:
        change = editor.change
        if _has_changes(change, values):
            change = edit_change(change, by=by, revision=request.revision, **values)
    else:
        if isinstance(form, DefinitionForm):
            values["definition"] = _merge_onto_newest(editor, form.document)
        change = add_change(
            request, action=editor.action, event=editor.event, by=by, revision=request.revision, **values
        )
    request.refresh_from_db()
    return request, change


def _has_changes(change: Change, values: dict[str, Any]) -> bool:
    sources = {source.pk for source in values["sources"]}
    return sources != {source.pk for source in change.sources.all()} or any(
        getattr(change, name) != value for name, value in values.items() if name != "sources"
    )


def _merge_onto_newest(editor: RequestEditor, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document on top of what was approved while it was being written.

    Raises UnmetConditionsError where both changed the same place.
    """
    newest = editor.event.newest_version if editor.event else None
    if newest is None or editor.base is None or newest.pk == editor.base.pk:
        return document
    try:
        return three_way_merge(editor.base.definition, document, newest.definition)
    except MergeConflict as error:
        message = f"{newest} was approved meanwhile. {error} Take its words for these, then save again."
        raise UnmetConditionsError([UnmetCondition("rebase", message)]) from error
