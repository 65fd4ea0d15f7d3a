"""A FilterSet on a page: its controls, what is chosen, and a link that removes each choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.forms import BoundField, CheckboxInput, HiddenInput, NullBooleanField, Select, SelectMultiple, TextInput
from django.forms.widgets import RadioSelect
from django.http import QueryDict
from django_filters import FilterSet, OrderingFilter

from pages.nearest_names import quoted, suggestion
from pages.ui.form_controls import render_control
from pages.ui.query_strings import query_with, query_without

PAGE_PARAM = "page"
# What lists know besides their filters.
PAGE_PARAMS = frozenset({PAGE_PARAM, "page_size", "cursor", "sort", "format", "export", "bom"})
MAX_UNKNOWN_PILLS = 20
SEARCH_FIELD_NAMES = frozenset({"q", "search"})


@dataclass(frozen=True, slots=True)
class FilterOption:
    """One choice of a filter; the one without a value means any."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class FilterControl:
    """One filter on the page. `shape` is find, text, choice, several, tick or other."""

    layout: str
    field: BoundField
    chosen: int
    options: tuple[FilterOption, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """One value that is chosen, and the address of the list without it. `error` says why it counts for nothing."""

    label: str
    value: str
    url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class FilterPanel:
    """All that a list's filter form needs. `kept` are the other query parameters, which the form preserves."""

    controls: tuple[FilterControl, ...]
    active_filters: tuple[ActiveFilter, ...]
    preserved_params: tuple[tuple[str, str], ...]
    clear_url: str

    @property
    def notes(self) -> list[str]:
        """Why some of what is chosen does nothing, each reason once."""
        return list(dict.fromkeys(pill.error for pill in self.active_filters if pill.error))


def build_filter_panel(filterset: FilterSet, query: QueryDict) -> FilterPanel:
    """What the filter form of `filterset` shows while the address says `query`.

    What the list does not know is shown as such, to be taken away. A filterset whose page knows more names it in
    `page_params`.
    """
    names = [name for name, found in filterset.filters.items() if not isinstance(found, OrderingFilter)]
    fields = [filterset.form[name] for name in names]
    params_by_field = {bound.name: tuple(_param_names(bound)) for bound in fields}
    known = {key for several in params_by_field.values() for key in several}
    controls = tuple(
        _filter_control(bound, sum(1 for key in params_by_field[bound.name] for value in query.getlist(key) if value))
        for bound in fields
        if not isinstance(bound.field.widget, HiddenInput)
    )
    active_filters = tuple(
        pill for bound in fields for key in params_by_field[bound.name] for pill in _active_filters(bound, key, query)
    )
    others = PAGE_PARAMS | known | {filterset.form.add_prefix(name) for name in filterset.filters}
    others |= getattr(filterset, "page_params", frozenset())
    unknown = [key for key in query if key not in others and query.get(key)]
    active_filters += tuple(pill for key in unknown[:MAX_UNKNOWN_PILLS] for pill in _unknown_pills(key, query, known))
    # A hidden filter has no control of its own, so the form carries its value on.
    shown = {key for control in controls for key in params_by_field[control.field.name]}
    preserved_params = tuple(
        (key, value) for key in query if key not in shown | {PAGE_PARAM} for value in query.getlist(key)
    )
    return FilterPanel(controls, active_filters, preserved_params, query_with(query, dict.fromkeys([*known, *unknown])))


def _filter_control(bound: BoundField, chosen: int) -> FilterControl:
    shape = _layout(bound)
    if shape == "choice":
        return FilterControl(shape, bound, chosen, options=tuple(_filter_options(bound)))
    return FilterControl(shape, bound, chosen, html=render_control(bound, {}) if shape == "other" else "")


def _filter_options(bound: BoundField) -> Iterator[FilterOption]:
    is_yes_or_no = isinstance(bound.field, NullBooleanField)
    for option in bound.subwidgets:
        value, label = str(option.data["value"] or ""), str(option.data["label"])
        if value in ("", "unknown"):
            yield FilterOption("", f"{bound.label}: any", option.data["selected"])
        else:
            yield FilterOption(
                value, f"{bound.label}: {label.lower()}" if is_yes_or_no else label, option.data["selected"]
            )


def _param_names(bound: BoundField) -> Iterator[str]:
    names = getattr(bound.field.widget, "widgets_names", None)
    if names is None:
        yield bound.html_name
    else:
        yield from (f"{bound.html_name}{name}" for name in names)


def _layout(bound: BoundField) -> str:
    widget = bound.field.widget
    # CheckboxSelectMultiple is a RadioSelect, and both are kinds of ChoiceWidget that iterate their choices.
    if isinstance(widget, SelectMultiple) or getattr(widget, "allow_multiple_selected", False):
        return "several"
    if isinstance(widget, (Select, RadioSelect)):
        return "choice"
    if isinstance(widget, CheckboxInput):
        return "tick"
    if getattr(widget, "input_type", "") == "search" or bound.name in SEARCH_FIELD_NAMES:
        return "find"
    if type(widget) is TextInput:
        return "text"
    return "other"


def _active_filters(bound: BoundField, key: str, query: QueryDict) -> Iterator[ActiveFilter]:
    values = [value for value in query.getlist(key) if value]
    if not values:
        return
    names = _choice_names(bound)
    errors = " ".join(str(error) for error in bound.errors)
    label = bound.label + key.removeprefix(bound.html_name).replace("_", " ")
    for value in values:
        error = errors if not names or value not in names else ""
        yield ActiveFilter(label, names.get(value, value), query_without(query, key, value), error)


def _unknown_pills(key: str, query: QueryDict, known: Iterable[str]) -> Iterator[ActiveFilter]:
    """Yield a pill for each value of a parameter that this list does not know, so that an old link still works."""
    error = f"There is no filter {quoted(key)} here. {suggestion(key, known)}".strip()
    for value in query.getlist(key)[:MAX_UNKNOWN_PILLS]:
        yield ActiveFilter(key, value, query_without(query, key, value), error)


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
