"""What a form lacks before it can be submitted, all of it at once, each thing at its field."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm

from accounts.models import User
from accounts.preconditions import Unmet, UnmetConditions
from pages.ui.form_controls import Fault, faults
from tracking.requests.pages.forms.change_forms import DefiningForm
from tracking.requests.pages.forms.editor import Sheet
from tracking.requests.pages.forms.editor_saving import save_sheet
from tracking.requests.pages.forms.property_row_forms import PropertyRowForm
from tracking.requests.workflow.available_steps import allowed

FIELDS = {
    "description": "description",
    "sources": "sources",
    "name_taken": "name",
    "changes": "name",
    "definition": "name",
    "successor": "successor_name",
    "ends_on": "ends_on",
}
"""The field of the open change that a condition's code speaks of; of the request's own fields it is the name."""

FIRST = ("", "id_title", "id_question", "id_decision", "id_metric")
"""What stands above the open change."""

NEW_EVENT = (
    ("name", "Name the event that is to be sent."),
    ("description", "Say in one sentence what happens when it is sent."),
    ("sources", "Choose the sources that send it."),
)
"""What a new event needs of which nothing was said yet."""


def would_lack(sheet: Sheet, to: str, *, by: User) -> list[Unmet]:
    """Return what else keeps a sheet that does not hold from being submitted, found on a draft that is never kept."""
    standing = sheet.request.title if sheet.request else "No title yet"
    sheet.request_form.cleaned_data.setdefault("title", standing)  # a missing title is told already
    try:
        with transaction.atomic():
            saved, _change = save_sheet(sheet, by=by)
            unmet = [condition for step in allowed(saved, by) if step.to == to for condition in step.unmet]
            transaction.set_rollback(True)
    except (UnmetConditions, ValidationError):
        return []
    return unmet


def mark(sheet: Sheet, unmet: list[Unmet]) -> list[Unmet]:
    """Show each condition at the field that it speaks of, and return the others."""
    return [condition for condition in unmet if not _mark(sheet, condition)]


def summary(sheet: Sheet) -> list[Fault]:
    """Return every error of a sheet with the control that it belongs to, in the order of the page."""
    of_request = faults(sheet.request_form)
    first = [fault for fault in of_request if fault.target in FIRST]
    found = faults(sheet.change_form) if sheet.change_form is not None else []
    if isinstance(sheet.change_form, DefiningForm):
        found += [fault for row in sheet.change_form.bad_rows for fault in _of_row(row)]
    return [*first, *found, *(fault for fault in of_request if fault not in first)]


def _of_row(row: PropertyRowForm) -> list[Fault]:
    """A row's errors, called after the property rather than after the column alone."""
    name = str(row["name"].value() or "").strip()[:80]
    return [
        Fault(f"{name}, {fault.label.lower()}" if name else f"Property without a name, {fault.label.lower()}", *rest)
        for fault in faults(row)
        for rest in [(fault.message, fault.target)]
    ]


def _mark(sheet: Sheet, condition: Unmet) -> bool:
    if condition.code in sheet.request_form.fields:
        _say(sheet.request_form, condition.code, condition.detail)
        return True
    form, name = sheet.change_form, FIELDS.get(condition.code, "")
    if form is None or name not in form.fields:
        return False
    if condition.code == "changes" and sheet.change is None and _is_blank(form, name):
        for each, detail in NEW_EVENT:
            if _is_blank(form, each):
                _say(form, each, detail)
        return True
    # A request of several changes may lack this of another one than the one that is open.
    if not _is_blank(form, name) and condition.code != "name_taken":
        return False
    _say(form, name, NEW_EVENT[0][1] if condition.code == "definition" else condition.detail)
    return True


def _is_blank(form: BaseForm, name: str) -> bool:
    value = form[name].value()
    return not (value.strip() if isinstance(value, str) else value)


def _say(form: BaseForm, name: str, detail: str) -> None:
    """Put an error at a field, of a form that is shown as well as of one that was sent; what is told already stays."""
    if form[name].errors:
        return
    form.cleaned_data = getattr(form, "cleaned_data", {})
    form.add_error(name, detail)
