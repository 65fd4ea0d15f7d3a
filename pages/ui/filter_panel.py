"""A FilterSet as people see it: its controls, what is chosen, and how to take each choice back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BoundField, CheckboxInput, HiddenInput, NullBooleanField, Select, SelectMultiple, TextInput
from django.forms.widgets import RadioSelect
from django.http import QueryDict
from django_filters import FilterSet, OrderingFilter

from pages.ui.form_controls import draw_control
from pages.ui.query_strings import query_with, query_without

PAGE = "page"
FIND = frozenset({"q", "search"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter; the one with no value stands for any."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One filter on the page. `shape` is find, text, choice, several, tick or other."""

    shape: str
    field: BoundField
    chosen: int
    options: tuple[Option, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class Pill:
    """One value that is chosen, and the address of the list without it. `error` says why it counts for nothing."""

    label: str
    value: str
    url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """All that a list's filter form needs. `kept` are the other values of the address, which the form carries on."""

    controls: tuple[Control, ...]
    pills: tuple[Pill, ...]
    kept: tuple[tuple[str, str], ...]
    clear_url: str


def describe(filterset: FilterSet, query: QueryDict) -> Filters:
    """What the filter form of `filterset` shows while the address says `query`."""
    names = [name for name, found in filterset.filters.items() if not isinstance(found, OrderingFilter)]
    fields = [filterset.form[name] for name in names]
    keys = {bound.name: tuple(_keys(bound)) for bound in fields}
    known = {key for several in keys.values() for key in several}
    controls = tuple(
        _control(bound, sum(1 for key in keys[bound.name] for value in query.getlist(key) if value))
        for bound in fields
        if not isinstance(bound.field.widget, HiddenInput)
    )
    pills = tuple(pill for bound in fields for key in keys[bound.name] for pill in _pills(bound, key, query))
    # A hidden filter has no control of its own, so the form carries its value on.
    shown = {key for control in controls for key in keys[control.field.name]}
    kept = tuple((key, value) for key in query if key not in shown | {PAGE} for value in query.getlist(key))
    return Filters(controls, pills, kept, query_with(query, dict.fromkeys(known)))


def _control(bound: BoundField, chosen: int) -> Control:
    shape = _shape(bound)
    if shape == "choice":
        return Control(shape, bound, chosen, options=tuple(_options(bound)))
    return Control(shape, bound, chosen, html=draw_control(bound, {}) if shape == "other" else "")


def _options(bound: BoundField) -> Iterator[Option]:
    is_yes_or_no = isinstance(bound.field, NullBooleanField)
    for option in bound.subwidgets:
        value, label = str(option.data["value"] or ""), str(option.data["label"])
        if value in ("", "unknown"):
            yield Option("", f"{bound.label}: any", option.data["selected"])
        else:
            yield Option(value, f"{bound.label}: {label.lower()}" if is_yes_or_no else label, option.data["selected"])


def _keys(bound: BoundField) -> Iterator[str]:
    names = getattr(bound.field.widget, "widgets_names", None)
    if names is None:
        yield bound.html_name
    else:
        yield from (f"{bound.html_name}{name}" for name in names)


def _shape(bound: BoundField) -> str:
    widget = bound.field.widget
    # CheckboxSelectMultiple is a RadioSelect, and both are kinds of ChoiceWidget that iterate their choices.
    if isinstance(widget, SelectMultiple) or getattr(widget, "allow_multiple_selected", False):
        return "several"
    if isinstance(widget, (Select, RadioSelect)):
        return "choice"
    if isinstance(widget, CheckboxInput):
        return "tick"
    if getattr(widget, "input_type", "") == "search" or bound.name in FIND:
        return "find"
    if type(widget) is TextInput:
        return "text"
    return "other"


def _pills(bound: BoundField, key: str, query: QueryDict) -> Iterator[Pill]:
    values = [value for value in query.getlist(key) if value]
    if not values:
        return
    names = _choice_names(bound)
    errors = " ".join(str(error) for error in bound.errors)
    label = bound.label + key.removeprefix(bound.html_name).replace("_", " ")
    for value in values:
        error = errors if not names or value not in names else ""
        yield Pill(label, names.get(value, value), query_without(query, key, value), error)


def _choice_names(bound: BoundField) -> dict[str, str]:
    if isinstance(bound.field.widget, CheckboxInput):
        return {"on": "yes", "true": "yes", "True": "yes"}
    if isinstance(bound.field, NullBooleanField):
        return {"true": "yes", "false": "no", "unknown": "any"}
    if not hasattr(bound.field, "choices"):
        return {}
    if bound.is_hidden:
        return {str(value): str(label) for value, label in bound.field.choices}
    return {str(option.data["value"]): str(option.data["label"]) for option in bound.subwidgets}
