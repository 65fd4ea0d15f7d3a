"""What a form lacks before it can be submitted, all of it at once, each thing at its field."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm

from accounts.models import User
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from catalog.contract import clean_name
from catalog.services.events import NAME_SHOWN
from pages.ui.form_controls import FormError, form_errors
from tracking.requests.pages.forms.change_forms import DefinitionForm
from tracking.requests.pages.forms.editor import RequestEditor
from tracking.requests.pages.forms.editor_saving import save_editor
from tracking.requests.pages.forms.property_row_forms import PropertyRowForm
from tracking.requests.workflow.available_steps import available_steps

FIELD_BY_CODE = {
    "description": "description",
    "sources": "sources",
    "name_taken": "name",
    "similar_name": "name_reason",
    "changes": "name",
    "definition": "name",
    "successor": "successor_name",
    "ends_on": "ends_on",
}
"""The field of the open change by a condition's code; for the request's own fields the code is the name."""

TARGETS_ABOVE_CHANGE = ("", "id_title", "id_question", "id_decision", "id_metric")
"""What stands above the open change."""

NEW_EVENT_REQUIREMENTS = (
    ("name", "Name the event that is to be sent."),
    ("description", "Say in one sentence what happens when it is sent."),
    ("sources", "Choose the sources that send it."),
)
"""What a new event needs of which nothing was said yet."""


def submission_conditions(editor: RequestEditor, to: str, *, by: User) -> list[UnmetCondition]:
    """Return what else keeps an editor with errors from being submitted, found on a draft that is rolled back."""
    current_title = editor.request.title if editor.request else "No title yet"
    editor.request_form.cleaned_data.setdefault("title", current_title)  # a missing title is reported already
    try:
        with transaction.atomic():
            saved, _change = save_editor(editor, by=by)
            unmet = [condition for step in available_steps(saved, by) if step.to == to for condition in step.unmet]
            transaction.set_rollback(True)
    except (UnmetConditionsError, ValidationError):
        return []
    return unmet


def attach_conditions(editor: RequestEditor, unmet: list[UnmetCondition]) -> list[UnmetCondition]:
    """Show each condition at its field, and return those without one."""
    return [condition for condition in unmet if not _attach_condition(editor, condition)]


def error_summary(editor: RequestEditor) -> list[FormError]:
    """Return every error of an editor with the control that it belongs to, in the order of the page."""
    request_errors = form_errors(editor.request_form)
    errors_above_change = [fault for fault in request_errors if fault.target in TARGETS_ABOVE_CHANGE]
    change_errors = form_errors(editor.change_form) if editor.change_form is not None else []
    if isinstance(editor.change_form, DefinitionForm):
        change_errors += [fault for row in editor.change_form.invalid_rows for fault in _row_errors(row)]
    return [
        *errors_above_change,
        *change_errors,
        *(fault for fault in request_errors if fault not in errors_above_change),
    ]


def _row_errors(row: PropertyRowForm) -> list[FormError]:
    """A row's errors, called after the property rather than after the column alone."""
    name = str(row["name"].value() or "").strip()[:80]
    return [
        FormError(
            f"{name}, {fault.label.lower()}" if name else f"Property without a name, {fault.label.lower()}", *rest
        )
        for fault in form_errors(row)
        for rest in [(fault.message, fault.target)]
    ]


def _attach_condition(editor: RequestEditor, condition: UnmetCondition) -> bool:
    if condition.code in editor.request_form.fields:
        _add_field_error(editor.request_form, condition.code, condition.detail)
        return True
    form, name = editor.change_form, FIELD_BY_CODE.get(condition.code, "")
    if form is None or name not in form.fields:
        return False
    if condition.code == "changes" and editor.change is None and _is_blank_field(form, name):
        for each, detail in NEW_EVENT_REQUIREMENTS:
            if _is_blank_field(form, each):
                _add_field_error(form, each, detail)
        return True
    if condition.code == "similar_name" and repr(clean_name(str(form["name"].value() or ""))[:NAME_SHOWN]) not in (
        condition.detail
    ):
        return False
    # A request of several changes may lack this of another one than the one that is open.
    if not _is_blank_field(form, name) and condition.code != "name_taken":
        return False
    _add_field_error(form, name, NEW_EVENT_REQUIREMENTS[0][1] if condition.code == "definition" else condition.detail)
    return True


def _is_blank_field(form: BaseForm, name: str) -> bool:
    value = form[name].value()
    return not (value.strip() if isinstance(value, str) else value)


def _add_field_error(form: BaseForm, name: str, detail: str) -> None:
    """Put an error at a field, bound or not; errors that are there already stay."""
    if form[name].errors:
        return
    form.cleaned_data = getattr(form, "cleaned_data", {})
    form.add_error(name, detail)
