"""The editor: a request with its one open change, from the address, the database or a post."""

from dataclasses import dataclass, field
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.models import Event, Source, Version
from catalog.presenters.null_handling_words import describe_null_handling
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import (
    CHANGE_PREFIX,
    ChangeForm,
    DefinitionForm,
    EndOfLifeForm,
    document_digest,
    format_document,
    requires_definition,
)
from tracking.requests.pages.forms.property_row_forms import MAX_ROWS, PropertyRowFormSet
from tracking.requests.pages.forms.request_form import RequestForm
from tracking.requests.pages.post_params import text_param

ROWS_PREFIX = f"{CHANGE_PREFIX}-rows"
EXTRA_ROWS = 5
InitialValues = dict[str, Any]


@dataclass
class RequestEditor:
    """What the form is about: `change` is None for one that is not saved yet, `event` None for a new event.

    The open change builds on `base`; `original_document` is the definition that its fields are merged into.
    """

    user: User
    request: Request | None
    action: str = ChangeAction.CREATE
    change: Change | None = None
    event: Event | None = None
    base: Version | None = None
    request_form: RequestForm = field(init=False)
    change_form: ChangeForm | None = None  # None where an event has to be chosen first

    @property
    def original_document(self) -> dict[str, Any]:
        if self.change is not None:
            return self.change.definition if isinstance(self.change.definition, dict) else {}
        return self.base.definition if self.base is not None else {}

    @property
    def requires_definition(self) -> bool:
        return requires_definition(self.action)

    @property
    def needs_event(self) -> bool:
        """Whether the event that changes or ends has still to be chosen."""
        return self.change is None and self.action != ChangeAction.CREATE and self.event is None

    @property
    def null_handling(self) -> str:
        """What nulls of optional properties count as. Two queries."""
        return describe_null_handling()

    def make_unbound_forms(self, request_initial: InitialValues, change_initial: InitialValues | None = None) -> None:
        """Make the forms for somebody who has sent nothing yet, or sent it only to see the form otherwise."""
        volume = _parse_id(request_initial.get("expected_per_day"))
        self.request_form = RequestForm(initial=request_initial, volume=volume)
        if self.needs_event:
            return
        if self.requires_definition:
            initial = DefinitionForm.initial_from_document(self.original_document, self._sources())
            initial |= {"name_reason": self.change.name_reason if self.change else ""} | (change_initial or {})
            self.change_form = DefinitionForm(
                original_document=self.original_document, event=self.event, initial=initial
            )
        else:
            initial = EndOfLifeForm.initial_from_change(self.change, self._sources()) | (change_initial or {})
            self.change_form = EndOfLifeForm(event=self.event, initial=initial)

    def make_bound_forms(self, data: QueryDict) -> bool:
        """Make the forms of what was sent, and return whether they are valid."""
        volume = self.request.expected_per_day if self.request else None
        self.request_form = RequestForm(data, volume=volume)
        is_valid = self.request_form.is_valid()
        return self.bind_change_form(data) and is_valid

    def bind_change_form(self, data: QueryDict) -> bool:
        """Make the form of the open change alone, and return whether it is valid; without one, it is."""
        if not self.needs_event:
            if self.requires_definition:
                self.change_form = DefinitionForm(data, original_document=self.original_document, event=self.event)
            else:
                self.change_form = EndOfLifeForm(data, event=self.event)
        return self.change_form is None or self.change_form.is_valid()

    def _sources(self) -> list[Source]:
        if self.change is not None:
            return list(self.change.sources.all())
        return list(Source.objects.filter(versions__version=self.base)) if self.base is not None else []


def editor_from_query(request: HttpRequest, user: User, draft: Request | None) -> RequestEditor:
    """Return the editor that an address asks for: `?change=`, `?event=`, `?action=`."""
    query = request.GET
    change_param = query.get("change", "")
    if draft is not None and change_param != "new" and "event" not in query:
        changes = _changes_with_relations(draft)
        change = changes.filter(pk=_parse_id(change_param)).first() if change_param else changes.order_by("id").first()
        if change_param and change is None:
            raise Http404(f"The draft has no change {change_param[:20]}.")
        if change is not None:
            return _editor_of_change(user, draft, change)
    event = _event_or_404(query.get("event"))
    action = query.get("action", "")
    if action not in ChangeAction or (event is not None and action == ChangeAction.CREATE):
        action = ChangeAction.UPDATE if event is not None else ChangeAction.CREATE
    return _editor_of_event(user, draft, action, event)


def editor_from_post(data: QueryDict, user: User, draft: Request | None) -> RequestEditor:
    """Return the editor that was posted. A change that somebody removed meanwhile is a new one again."""
    change_id = _parse_id(data.get(f"{CHANGE_PREFIX}-id"))
    if draft is not None and change_id:
        change = _changes_with_relations(draft).filter(pk=change_id).first()
        if change is not None:
            return _editor_of_change(user, draft, change)
    action = data.get(f"{CHANGE_PREFIX}-action", "")
    event = _event_or_404(data.get(f"{CHANGE_PREFIX}-event"))
    if action not in ChangeAction or (event is not None and action == ChangeAction.CREATE):
        action = ChangeAction.UPDATE if event is not None else ChangeAction.CREATE
    editor = _editor_of_event(user, draft, action, event if action != ChangeAction.CREATE else None)
    base_id = _parse_id(data.get(f"{CHANGE_PREFIX}-base"))
    if editor.base is not None and base_id and base_id != editor.base.pk:
        editor.base = Version.objects.filter(pk=base_id, event=event).first() or editor.base
    return editor


def raw_values(form: BaseForm, data: QueryDict) -> InitialValues:
    """Return what was sent, unchecked, as the beginning of a form that is shown again without a complaint."""
    return {name: one.widget.value_from_datadict(data, {}, form.add_prefix(name)) for name, one in form.fields.items()}


def redisplay_raw_values(
    editor: RequestEditor, data: QueryDict, *, more_rows: bool = False, is_same_change: bool = True
) -> None:
    """Show the editor with what was typed. `is_same_change`: it was typed for the change that is open."""
    editor.make_unbound_forms({}, None)
    change_values = raw_values(editor.change_form, data) if editor.change_form and is_same_change else None
    editor.make_unbound_forms(raw_values(editor.request_form, data), change_values)
    form = editor.change_form
    if not is_same_change or not isinstance(form, DefinitionForm) or form.rows is None:
        return
    total = min(_parse_id(data.get(f"{ROWS_PREFIX}-TOTAL_FORMS")) or 0, MAX_ROWS)
    if total:
        other_constraints = {row.original_name: row.other_constraints for row in form.original_rows or ()}
        submitted_rows = PropertyRowFormSet(data, prefix=ROWS_PREFIX).forms[:total]
        rows = [raw_values(row, data) for row in submitted_rows] + [{"kind": "string"}] * (
            EXTRA_ROWS if more_rows else 0
        )
        form.rows = PropertyRowFormSet(prefix=ROWS_PREFIX, initial=rows)
        for row_form, row in zip(form.rows.forms, rows, strict=True):
            row_form.other_constraints = other_constraints.get(row.get("original_name", ""), "")


def post_on_current_revision(data: QueryDict, editor: RequestEditor, revision: int) -> QueryDict:
    """Return a post as if it had been made on top of what now stands: what was not edited follows it."""
    data = data.copy()
    data["revision"] = str(revision)
    if editor.change_form is not None and isinstance(editor.change_form, DefinitionForm):
        is_untouched = editor.change_form.is_bound and not editor.change_form.has_edited_json
        if is_untouched:
            data[f"{CHANGE_PREFIX}-json"] = format_document(editor.original_document)
            data[f"{CHANGE_PREFIX}-digest"] = document_digest(editor.original_document)
    return data


def _editor_of_change(user: User, draft: Request, change: Change) -> RequestEditor:
    return RequestEditor(user, draft, change.action, change, change.event, change.base)


def _editor_of_event(user: User, draft: Request | None, action: str, event: Event | None) -> RequestEditor:
    return RequestEditor(user, draft, action, None, event, event.newest_version if event else None)


def _changes_with_relations(draft: Request) -> Any:
    return draft.changes.select_related("event", "base", "successor", "request").prefetch_related("sources")


def _event_or_404(text: str | None) -> Event | None:
    number = _parse_id(text)
    if text and not number:
        raise Http404("An event is named by its number.")
    return get_object_or_404(Event.objects.select_related("newest_version"), pk=number) if number else None


def _parse_id(text: Any) -> int | None:
    try:
        number = int(str(text)[:20])
    except (TypeError, ValueError):
        return None
    return number if 0 < number < 2**63 else None


def event_name_param(data: QueryDict) -> str:
    """Return the name of an event that was typed."""
    return text_param(data, f"{CHANGE_PREFIX}-name", 600)
