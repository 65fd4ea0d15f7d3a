"""Controls of forms, with the classes and the references that make them readable to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class FormError:
    """One error of a form and the id of the control it belongs to ("" where it belongs to the whole form)."""

    label: str
    message: str
    target: str


def field_layout(bound: BoundField) -> str:
    """How a field is laid out: hidden, tick (box, then label), choices (a group of boxes) or line."""
    widget = bound.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices"
    return "tick" if isinstance(widget, CheckboxInput) else "line"


def render_control(bound: BoundField, attrs: Mapping[str, Any]) -> SafeString:
    """The control itself: its class by its kind, and the ids of its hint and its error where it has them.

    `attrs` are added to the control; a `class` among them is appended to its classes.
    """
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput):
        css = "form-check-input"
    else:
        css = "form-select" if isinstance(widget, Select) else "form-control"
    classes = [css, str(widget.attrs.get("class", "")), str(attrs.get("class", ""))]
    if bound.errors:
        classes.append("is-invalid")
    widget_attrs = {**attrs, "class": " ".join(filter(None, classes))}
    if described := described_by(bound):
        widget_attrs["aria-describedby"] = described
    if bound.errors:
        widget_attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs=widget_attrs)


def described_by(bound: BoundField) -> str:
    """The ids of the field's error and hint, for `aria-describedby`."""
    ids = [f"{bound.auto_id}_error"] if bound.errors else []
    if bound.help_text:
        ids.append(f"{bound.auto_id}_hint")
    return " ".join(ids)


def form_errors(form: BaseForm) -> list[FormError]:
    """Every error of the form, in the order of its fields, those of the whole form first."""
    found = [FormError("", str(message), "") for message in form.non_field_errors()]
    for bound in form:
        target = "" if bound.is_hidden else bound.auto_id
        found += [FormError(str(bound.label), str(message), target) for message in bound.errors]
    return found
