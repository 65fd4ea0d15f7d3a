"""The form's sheet: a request with the one change that is open on it, from the address, the database or a post."""

from dataclasses import dataclass, field
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from accounts.models import User
from catalog.models import Event, Source, Version
from tracking.requests.choices import Action
from tracking.requests.models import Change, Request
from tracking.requests.pages.forms.change_forms import (
    PREFIX,
    ChangeForm,
    DefiningForm,
    EndingForm,
    document_text,
    is_defining,
    mark_of,
)
from tracking.requests.pages.forms.property_row_forms import MOST_ROWS, Rows
from tracking.requests.pages.forms.request_form import RequestForm
from tracking.requests.pages.post_params import posted_text

ROWS = f"{PREFIX}-rows"
MORE_ROWS = 5
Initial = dict[str, Any]


@dataclass
class Sheet:
    """What the form is about: `change` is None for one that is not saved yet, `event` None for a new event.

    The open change builds on `base`; `original` is the definition that its fields are laid over.
    """

    user: User
    request: Request | None
    action: str = Action.CREATE
    change: Change | None = None
    event: Event | None = None
    base: Version | None = None
    request_form: RequestForm = field(init=False)
    change_form: ChangeForm | None = None  # None where an event has to be chosen first

    @property
    def original(self) -> dict[str, Any]:
        if self.change is not None:
            return self.change.definition if isinstance(self.change.definition, dict) else {}
        return self.base.definition if self.base is not None else {}

    @property
    def is_defining(self) -> bool:
        return is_defining(self.action)

    @property
    def needs_event(self) -> bool:
        """Whether the event that changes or ends has still to be chosen."""
        return self.change is None and self.action != Action.CREATE and self.event is None

    def show(self, request_initial: Initial, change_initial: Initial | None = None) -> None:
        """Make the forms for somebody who has sent nothing yet, or sent it only to see the form otherwise."""
        volume = _number(request_initial.get("expected_per_day"))
        self.request_form = RequestForm(initial=request_initial, volume=volume)
        if self.needs_event:
            return
        if self.is_defining:
            initial = DefiningForm.standing(self.original, self._sources()) | (change_initial or {})
            self.change_form = DefiningForm(original=self.original, event=self.event, initial=initial)
        else:
            standing = EndingForm.standing(self.change, self._sources()) | (change_initial or {})
            self.change_form = EndingForm(event=self.event, initial=standing)

    def bind(self, data: QueryDict) -> bool:
        """Make the forms of what was sent, and return whether they are valid."""
        volume = self.request.expected_per_day if self.request else None
        self.request_form = RequestForm(data, volume=volume)
        if not self.needs_event:
            if self.is_defining:
                self.change_form = DefiningForm(data, original=self.original, event=self.event)
            else:
                self.change_form = EndingForm(data, event=self.event)
        is_valid = self.request_form.is_valid()
        return (self.change_form is None or self.change_form.is_valid()) and is_valid

    def _sources(self) -> list[Source]:
        if self.change is not None:
            return list(self.change.sources.all())
        return list(Source.objects.filter(versions__version=self.base)) if self.base is not None else []


def sheet_of_address(request: HttpRequest, user: User, found: Request | None) -> Sheet:
    """Return the sheet that an address asks for: `?change=`, `?event=`, `?action=`."""
    query = request.GET
    asked = query.get("change", "")
    if found is not None and asked != "new" and "event" not in query:
        changes = _changes(found)
        change = changes.filter(pk=_number(asked)).first() if asked else changes.order_by("id").first()
        if asked and change is None:
            raise Http404(f"The draft has no change {asked[:20]}.")
        if change is not None:
            return _of_change(user, found, change)
    event = _event(query.get("event"))
    action = query.get("action", "")
    if action not in Action or (event is not None and action == Action.CREATE):
        action = Action.UPDATE if event is not None else Action.CREATE
    return _of_event(user, found, action, event)


def sheet_of_post(data: QueryDict, user: User, found: Request | None) -> Sheet:
    """Return the sheet that a post speaks of. A change that somebody took out meanwhile is a new one again."""
    change_id = _number(data.get(f"{PREFIX}-id"))
    if found is not None and change_id:
        change = _changes(found).filter(pk=change_id).first()
        if change is not None:
            return _of_change(user, found, change)
    action = data.get(f"{PREFIX}-action", "")
    event = _event(data.get(f"{PREFIX}-event"))
    if action not in Action or (event is not None and action == Action.CREATE):
        action = Action.UPDATE if event is not None else Action.CREATE
    sheet = _of_event(user, found, action, event if action != Action.CREATE else None)
    shown = _number(data.get(f"{PREFIX}-base"))
    if sheet.base is not None and shown and shown != sheet.base.pk:
        sheet.base = Version.objects.filter(pk=shown, event=event).first() or sheet.base
    return sheet


def typed(form: BaseForm, data: QueryDict) -> Initial:
    """Return what was sent, unchecked, as the beginning of a form that is shown again without a complaint."""
    return {name: one.widget.value_from_datadict(data, {}, form.add_prefix(name)) for name, one in form.fields.items()}


def show_typed(sheet: Sheet, data: QueryDict, *, more_rows: bool = False, is_same: bool = True) -> None:
    """Show the sheet with what was typed. `is_same`: the open change is still the one it was typed for."""
    sheet.show({}, None)
    written = typed(sheet.change_form, data) if sheet.change_form and is_same else None
    sheet.show(typed(sheet.request_form, data), written)
    form = sheet.change_form
    if not is_same or not isinstance(form, DefiningForm) or form.rows is None:
        return
    total = min(_number(data.get(f"{ROWS}-TOTAL_FORMS")) or 0, MOST_ROWS)
    if total:
        besides = {row.was: row.besides for row in form.original_rows or ()}
        sent = Rows(data, prefix=ROWS).forms[:total]
        rows = [typed(row, data) for row in sent] + [{"kind": "string"}] * (MORE_ROWS if more_rows else 0)
        form.rows = Rows(prefix=ROWS, initial=rows)
        for row_form, row in zip(form.rows.forms, rows, strict=True):
            row_form.besides = besides.get(row.get("was", ""), "")


def renewed(data: QueryDict, sheet: Sheet, revision: int) -> QueryDict:
    """Return a post as if it had been made on top of what now stands: what was not edited follows it."""
    data = data.copy()
    data["revision"] = str(revision)
    if sheet.change_form is not None and isinstance(sheet.change_form, DefiningForm):
        is_untouched = sheet.change_form.is_bound and not sheet.change_form.has_edited_json
        if is_untouched:
            data[f"{PREFIX}-json"] = document_text(sheet.original)
            data[f"{PREFIX}-mark"] = mark_of(sheet.original)
    return data


def _of_change(user: User, found: Request, change: Change) -> Sheet:
    return Sheet(user, found, change.action, change, change.event, change.base)


def _of_event(user: User, found: Request | None, action: str, event: Event | None) -> Sheet:
    return Sheet(user, found, action, None, event, event.newest_version if event else None)


def _changes(found: Request) -> Any:
    return found.changes.select_related("event", "base", "successor", "request").prefetch_related("sources")


def _event(text: str | None) -> Event | None:
    number = _number(text)
    if text and not number:
        raise Http404("An event is named by its number.")
    return get_object_or_404(Event.objects.select_related("newest_version"), pk=number) if number else None


def _number(text: Any) -> int | None:
    try:
        number = int(str(text)[:20])
    except (TypeError, ValueError):
        return None
    return number if 0 < number < 2**63 else None


def name_typed(data: QueryDict) -> str:
    """Return the name of an event that was typed."""
    return posted_text(data, f"{PREFIX}-name", 600)
