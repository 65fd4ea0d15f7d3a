"""Rows of properties in a form."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from catalog.contract import clean
from tracking.requests.pages.forms.document_rows import SHOWN_AS_ROWS, Row, allowed_values
from tracking.requests.pages.forms.property_kinds import CHOICES, value_of

BLANK_ROWS = 3
MOST_ROWS = SHOWN_AS_ROWS + 20


class PropertyRowForm(forms.Form):
    """One property. A row without a name says nothing, and a property whose row is removed is taken out."""

    name = forms.CharField(label="Name", required=False, max_length=200, strip=False)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1_000, strip=False)
    kind = forms.ChoiceField(label="Type", choices=CHOICES, required=False, initial="string")
    is_required = forms.BooleanField(label="Required", required=False)
    description = forms.CharField(label="Meaning", required=False, max_length=5_000)
    allowed = forms.CharField(label="Allowed values", required=False, max_length=5_000)
    example = forms.CharField(label="Example", required=False, max_length=1_000)
    is_locked = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1)  # "1" or nothing
    besides = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind") or "string"
        cleaned["name"] = clean(cleaned.get("name", "")) if cleaned.get("name", "").strip() else ""
        if cleaned.get("is_locked"):
            return cleaned
        for field in ("example", "allowed"):
            text = cleaned.get(field, "")
            try:
                if text and field == "example":
                    value_of(kind, text)
                elif text:
                    allowed_values(kind, text)
            except ValueError as error:
                self.add_error(field, str(error))
        if not cleaned["name"] and any(cleaned.get(field) for field in ("description", "example", "allowed")):
            self.add_error("name", "Name the property, or clear its row.")
        return cleaned

    def row(self) -> Row | None:
        """Return what was typed as a row; None where the row is blank."""
        said = self.cleaned_data
        if not said.get("name"):
            return None
        return Row(
            name=said["name"],
            was=said["was"],
            kind=said["kind"] or "string",
            is_required=said["is_required"],
            description=said["description"],
            allowed=said["allowed"],
            example=said["example"],
            is_locked=bool(said["is_locked"]),
        )


class BaseRows(BaseFormSet):
    """The rows of one definition."""

    def clean(self) -> None:
        """A name stands once; what stands again is marked at its row."""
        seen: set[str] = set()
        for form in self.forms:
            row = None if form.errors or form.cleaned_data.get("DELETE") else form.row()
            if row is not None and row.name in seen:
                form.add_error("name", f"{row.name} stands twice. One row a property.")
            elif row is not None:
                seen.add(row.name)

    def rows(self) -> list[Row]:
        """Return every row that names a property, was not removed, and holds what it should."""
        kept = (form for form in self.forms if not form.errors and not form.cleaned_data.get("DELETE"))
        return [row for form in kept if (row := form.row()) is not None]


Rows: type[BaseRows] = formset_factory(  # type: ignore[assignment]  # the stubs forget the base
    PropertyRowForm,
    formset=BaseRows,
    extra=0,
    can_delete=True,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS + BLANK_ROWS,
    validate_max=True,
)
"""The formset of rows."""


def rows_initial(rows: Iterable[Row], *, blank: int = BLANK_ROWS) -> list[dict[str, Any]]:
    """Return what the formset starts from, with some blank rows at the end."""
    fields = ("name", "was", "kind", "is_required", "description", "allowed", "example", "besides")
    filled = [
        {name: getattr(row, name) for name in fields} | {"is_locked": "1" if row.is_locked else ""} for row in rows
    ]
    return filled + [{"kind": "string"}] * blank
