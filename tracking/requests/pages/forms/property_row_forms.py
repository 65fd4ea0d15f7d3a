"""Rows of properties in a form."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from catalog.contract import LintIssue, clean_name
from tracking.requests.pages.forms.document_rows import MAX_PROPERTIES_AS_ROWS, PropertyRow, parse_allowed_values
from tracking.requests.pages.forms.property_kinds import KIND_CHOICES, parse_value

BLANK_ROWS = 3
MAX_ROWS = MAX_PROPERTIES_AS_ROWS + 20


class PropertyRowForm(forms.Form):
    """One property. A row without a name is ignored, and a property whose row is removed is removed."""

    name = forms.CharField(label="Name", required=False, max_length=200, strip=False)
    original_name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1_000, strip=False)
    kind = forms.ChoiceField(label="Type", choices=KIND_CHOICES, required=False, initial="string")
    is_required = forms.BooleanField(label="Required", required=False)
    description = forms.CharField(label="Meaning", required=False, max_length=5_000)
    allowed = forms.CharField(label="Allowed values", required=False, max_length=5_000)
    example = forms.CharField(label="Example", required=False, max_length=1_000)
    is_locked = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1)  # "1" or nothing
    other_constraints = ""
    lint: tuple[LintIssue, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind") or "string"
        cleaned["name"] = clean_name(cleaned.get("name", "")) if cleaned.get("name", "").strip() else ""
        if cleaned.get("is_locked"):
            return cleaned
        for field in ("example", "allowed"):
            text = cleaned.get(field, "")
            try:
                if text and field == "example":
                    parse_value(kind, text)
                elif text:
                    parse_allowed_values(kind, text)
            except ValueError as error:
                self.add_error(field, str(error))
        if not cleaned["name"] and any(cleaned.get(field) for field in ("description", "example", "allowed")):
            self.add_error("name", "Name the property, or clear its row.")
        return cleaned

    def to_property_row(self) -> PropertyRow | None:
        """Return what was typed as a row; None where the row is blank."""
        cleaned = self.cleaned_data
        if not cleaned.get("name"):
            return None
        return PropertyRow(
            name=cleaned["name"],
            original_name=cleaned["original_name"],
            kind=cleaned["kind"] or "string",
            is_required=cleaned["is_required"],
            description=cleaned["description"],
            allowed=cleaned["allowed"],
            example=cleaned["example"],
            is_locked=bool(cleaned["is_locked"]),
        )


class BasePropertyRowFormSet(BaseFormSet):
    """The rows of one definition."""

    def clean(self) -> None:
        """Each name may be used once; the row that repeats one gets the error."""
        seen: set[str] = set()
        for form in self.forms:
            row = None if form.errors or form.cleaned_data.get("DELETE") else form.to_property_row()
            if row is not None and row.name in seen:
                form.add_error("name", f"{row.name} occurs twice. One row a property.")
            elif row is not None:
                seen.add(row.name)

    def to_property_rows(self) -> list[PropertyRow]:
        """Return every valid row that names a property and was not removed."""
        kept = (form for form in self.forms if not form.errors and not form.cleaned_data.get("DELETE"))
        return [row for form in kept if (row := form.to_property_row()) is not None]


PropertyRowFormSet: type[BasePropertyRowFormSet] = formset_factory(  # type: ignore[assignment]  # the stubs forget the base
    PropertyRowForm,
    formset=BasePropertyRowFormSet,
    extra=0,
    can_delete=True,
    max_num=MAX_ROWS,
    absolute_max=MAX_ROWS + BLANK_ROWS,
    validate_max=True,
)
"""The formset of rows."""


def initial_rows(rows: Iterable[PropertyRow], *, blank: int = BLANK_ROWS) -> list[dict[str, Any]]:
    """Return what the formset starts from, with some blank rows at the end."""
    fields = ("name", "original_name", "kind", "is_required", "description", "allowed", "example", "other_constraints")
    filled = [
        {name: getattr(row, name) for name in fields} | {"is_locked": "1" if row.is_locked else ""} for row in rows
    ]
    return filled + [{"kind": "string"}] * blank
