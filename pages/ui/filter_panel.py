"""A FilterSet on a page: its controls, what is chosen, and a link that removes each choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.forms import BoundField, CheckboxInput, HiddenInput, NullBooleanField, Select, SelectMultiple, TextInput
from django.forms.widgets import RadioSelect
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_filters import FilterSet, OrderingFilter

from pages.nearest_names import quoted, suggestion
from pages.ui.form_controls import render_control
from pages.ui.query_strings import query_with, query_without

PAGE_PARAM = "page"
# What lists know besides their filters.
PAGE_PARAMS = frozenset({PAGE_PARAM, "page_size", "cursor", "sort", "format", "export", "bom"})
MAX_UNKNOWN_PILLS = 20
MAX_REMEMBERED_BOXES = 200
"""How many filters a process remembers as HTML, each with what was chosen of it."""
SEARCH_FIELD_NAMES = frozenset({"q", "search"})


_CHECKED = mark_safe(" checked")


@dataclass(frozen=True, slots=True)
class FilterOption:
    """One choice of a filter; the one without a value means any."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class FilterControl:
    """One filter on the page. `layout` is find, text, choice, several, tick or other.

    `html` is the control itself where it is other, and the boxes where it is several.
    """

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
    if shape == "several":
        return FilterControl(shape, bound, chosen, html=_boxes(bound))
    return FilterControl(shape, bound, chosen, html=render_control(bound, {}) if shape == "other" else "")


def _boxes(bound: BoundField) -> SafeString:
    """The boxes of a filter of which several can be chosen."""
    choices = tuple((str(value), str(label)) for value, label in getattr(bound.field, "choices", ()))
    return _render_boxes(bound.html_name, bound.auto_id, choices, frozenset(map(str, bound.value() or ())))


@lru_cache(MAX_REMEMBERED_BOXES)
def _render_boxes(name: str, html_id: str, choices: tuple[tuple[str, str], ...], chosen: frozenset[str]) -> SafeString:
    """The boxes as HTML. A catalog has hundreds of categories, tags and teams, and few of them change between pages."""
    return format_html_join(
        "\n",
        '<div class="choice"><input class="form-check-input" type="checkbox" name="{0}" value="{1}" id="{2}_{3}"{4}>'
        '<label for="{2}_{3}">{5}</label></div>',
        (
            (name, value, html_id, number, _CHECKED if value in chosen else "", label)
            for number, (value, label) in enumerate(choices)
        ),
    )


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
