"""Forms of changes: an event that is defined, and an event that ends."""

import hashlib
import json
from typing import Any

from django import forms
from django.forms import BoundField
from django.urls import reverse

from catalog.choices import Call
from catalog.contract import canonical_json, clean_name, find_problems, parse_json
from catalog.contract.json.json_parser import UnparsableBody
from catalog.contract.json.three_way_merge import MergeConflict, three_way_merge
from catalog.models import Event, Source
from catalog.services.events import NAMED_BY_CALL
from tracking.requests.authoring.draft_editing import NAME_REASON_LENGTH
from tracking.requests.choices import ChangeAction
from tracking.requests.drafted_names import drafted_call
from tracking.requests.models import Change
from tracking.requests.pages.forms.document_rows import TEXT_MEMBERS, document_with_rows, rows_from_document
from tracking.requests.pages.forms.property_row_forms import (
    BasePropertyRowFormSet,
    PropertyRowForm,
    PropertyRowFormSet,
    initial_rows,
)
from tracking.requests.pages.forms.request_form import (
    MAX_PARAGRAPH_LENGTH,
    DraftOptionalChoice,
    DraftOptionalDate,
    DraftOptionalField,
    DraftOptionalText,
    NormalizedTextField,
    date_input,
    short_textarea,
)

CHANGE_PREFIX = "change"
MAX_JSON_LENGTH = 1_100_000


def format_document(document: dict[str, Any]) -> str:
    """Return a document as people edit it."""
    return json.dumps(document, ensure_ascii=False, indent=2) if document else ""


def document_digest(document: Any) -> str:
    """Return a short text that differs where the document does: by it an edited JSON text is recognized."""
    return hashlib.sha256(canonical_json(document)).hexdigest()[:16] if document else ""


class DraftOptionalSources(DraftOptionalField, forms.ModelMultipleChoiceField):
    """The apps, none as long as nobody has said."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) if value else Source.objects.none()


class NameReasonForm(forms.Form):
    """Why a name is needed beside one that people read as the same: asked where there is such a name."""

    use_required_attribute = False
    prefix = CHANGE_PREFIX

    name_reason = NormalizedTextField(
        label="Why are both names needed?",
        required=False,
        max_length=NAME_REASON_LENGTH,
        help_text="Reviewers see it beside the name",
        widget=short_textarea(),
    )

    def reason_field(self, *, is_needed: bool) -> BoundField | None:
        """Return the field for the reason, where one is needed or was given; a draft is saved without it."""
        bound = self["name_reason"]
        if is_needed:
            bound.field.required = True  # for its label: the form was validated, if at all, before it is shown
        return bound if is_needed or bound.value() or bound.errors else None


class DefinitionForm(NameReasonForm):
    """What a person says of an event that is created or updated: words, rows of properties, or the whole as JSON.

    `original_document` is what the form began with. Fields and rows are merged into it, so what they do not show
    stays. Where the JSON was edited it counts; where both were, they are merged, and what both changed is asked about.
    """

    name = DraftOptionalText(label="Name of the event", max_length=600, strip=False)
    call = DraftOptionalChoice(label="Sent by", choices=Call.choices, initial=Call.TRACK)
    description = DraftOptionalText(
        label="What happens?",
        max_length=MAX_PARAGRAPH_LENGTH,
        help_text="One sentence that somebody new understands",
        widget=short_textarea(),
    )
    trigger = NormalizedTextField(
        label="When exactly is it sent?",
        required=False,
        max_length=MAX_PARAGRAPH_LENGTH,
        help_text="And when it must not be",
        widget=short_textarea(),
    )
    sources = DraftOptionalSources(
        label="Which apps send it?",
        queryset=Source.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    json = forms.CharField(
        label="The definition as JSON",
        required=False,
        max_length=MAX_JSON_LENGTH,
        strip=False,
        help_text=(
            "Everything that a definition can say: title, unit, kind, context, traits, per_source, and the JSON "
            "Schema under schema. What you edit here counts; leave it alone, and the fields above do."
        ),
        widget=forms.Textarea(attrs={"rows": 18, "class": "mono", "spellcheck": "false"}),
    )
    digest = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, original_document: dict[str, Any], event: Event | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.original_document, self.event = original_document, event
        self.document: dict[str, Any] = original_document
        self.has_edited_json = False
        self.original_rows = rows_from_document(original_document)
        self.rows: BasePropertyRowFormSet | None = None
        if self.original_rows is not None:
            initial = initial_rows(self.original_rows, blank=3 if self.original_rows else 4)
            data = self.data if self.is_bound and f"{CHANGE_PREFIX}-rows-TOTAL_FORMS" in self.data else None
            self.rows = PropertyRowFormSet(data, prefix=f"{CHANGE_PREFIX}-rows", initial=initial)
            for form, row in zip(self.rows.forms, self.original_rows, strict=False):
                form.other_constraints = row.other_constraints
        if event is not None:
            del self.fields["call"]
        query = "" if event is None else f"?event={event.pk}"
        self.fields["name"].widget.attrs |= _autocomplete_attrs(query, "#similar") | {
            "hx-include": f"[name={CHANGE_PREFIX}-call], [name={CHANGE_PREFIX}-name_reason], [name=draft]"
        }

    @classmethod
    def initial_from_document(cls, document: dict[str, Any], sources: Any) -> dict[str, Any]:
        """Return what the form starts from."""
        return {
            "name": _text_member(document, "name"),
            "call": drafted_call(document),
            "description": _text_member(document, "description"),
            "trigger": _text_member(document, "trigger"),
            "sources": sources,
            "json": format_document(document),
            "digest": document_digest(document),
        }

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was said of a new event; call it when the form is valid."""
        return self.event is None and not self.document.get("name") and not self.cleaned_data.get("sources")

    @property
    def invalid_rows(self) -> list[PropertyRowForm]:
        """The rows of properties that are not valid."""
        return [row for row in self.rows.forms if row.errors] if self.rows is not None and self.rows.is_bound else []

    def is_valid(self) -> bool:
        """Whether the fields and every row of a property are valid."""
        return super().is_valid() and not self.invalid_rows

    def clean(self) -> dict[str, Any]:
        """Assemble the document from everything that is valid, so that all other problems can be reported at once."""
        cleaned = super().clean() or {}
        if self.event is not None and "name" in cleaned and not cleaned["name"].strip():
            self.add_error("name", "The event needs a name.")
        if self.rows is not None and self.rows.is_bound and not self.rows.is_valid():
            for error in self.rows.non_form_errors():
                self.add_error(None, error)
        by_fields = self._document_from_fields(cleaned)
        by_json = self._document_from_json(cleaned) if "json" in cleaned else None
        self.has_edited_json = by_json is not None or "json" in self.errors
        if by_json is None:
            self.document = by_fields
            return cleaned
        try:
            is_both_edited = self.original_document and document_digest(self.original_document) == cleaned.get("digest")
            self.document = three_way_merge(self.original_document, by_fields, by_json) if is_both_edited else by_json
        except MergeConflict as error:
            places = ", ".join(path or "the whole definition" for path in error.paths[:5])
            self.add_error("json", f"Both the fields above and the JSON changed {places}. Undo one of the two.")
        return cleaned

    def _document_from_fields(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        document = dict(self.original_document)
        chosen_call = cleaned.get("call") or ""
        call = chosen_call or drafted_call(document)
        texts_by_member = {
            member: cleaned.get(member, _text_member(document, member)) for member in ("name", *TEXT_MEMBERS)
        }
        name = clean_name(texts_by_member["name"]) if texts_by_member["name"].strip() else ""
        if call in NAMED_BY_CALL:
            name = call
        texts = texts_by_member | {"name": name}
        for member, text in texts.items():
            if text != _text_member(document, member):
                document[member] = text
            if not text and not document.get(member):
                document.pop(member, None)
        if self.event is None and (chosen_call or not document.get("call")):
            document["call"] = call
        document.setdefault("call", call)
        document.setdefault("kind", "standard")
        if self.rows is None or not self.rows.is_bound:
            return document
        return document_with_rows(document, self.rows.to_property_rows())

    def _document_from_json(self, cleaned: dict[str, Any]) -> dict[str, Any] | None:
        """Return the document that the JSON says, or None where it was not edited."""
        text = cleaned["json"].strip()
        if not text:
            return None
        try:
            parsed = parse_json(text.encode("utf-8", "backslashreplace"))
        except UnparsableBody as error:
            self.add_error("json", f"This is no JSON: {error}")
            return None
        if parsed.parse_errors or not isinstance(parsed.value, dict):
            reason = parsed.parse_errors[0].reason if parsed.parse_errors else "a definition is a JSON object"
            self.add_error("json", f"This is no JSON that can be stored: {reason}.")
            return None
        document: dict[str, Any] = parsed.value
        unstorable_problems = [problem for problem in find_problems(document) if problem.code in UNSTORABLE_CODES]
        if unstorable_problems:
            self.add_error("json", unstorable_problems[0].detail)
            return None
        return None if document_digest(document) == cleaned.get("digest") else document


def _text_member(document: dict[str, Any], member: str) -> str:
    """Return a member of a draft's definition that is to be a text; "" where it holds anything else."""
    value = document.get(member)
    return value if isinstance(value, str) else ""


UNSTORABLE_CODES = frozenset({"too_large", "too_deep", "not_json", "not_storable"})
"""Problems for which a document cannot even be kept as a draft."""


class EndOfLifeForm(forms.Form):
    """What a person says of an event that ends: what comes instead, when, and where."""

    use_required_attribute = False

    successor_name = DraftOptionalText(
        label="What replaces it?",
        max_length=600,
        help_text="The name of an event in the catalog",
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    has_no_successor = forms.BooleanField(label="Nothing replaces it", required=False)
    ends_on = DraftOptionalDate(label="When does it end?", widget=date_input())
    sources = DraftOptionalSources(
        label="Which apps stop sending it?",
        queryset=Source.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )

    prefix = CHANGE_PREFIX

    def __init__(self, *args: Any, event: Event | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.successor: Event | None = None
        self.fields["successor_name"].widget.attrs |= {
            "list": "successors",
            **_autocomplete_attrs("?for=options", "#successors"),
        }

    @classmethod
    def initial_from_change(cls, change: Change | None, sources: Any) -> dict[str, Any]:
        """Return what the form starts from."""
        if change is None:
            return {"sources": sources}
        return {
            "successor_name": change.successor.name if change.successor else "",
            "has_no_successor": change.has_no_successor,
            "ends_on": change.ends_on,
            "sources": sources,
        }

    @property
    def is_blank(self) -> bool:
        """Never: its event is known."""
        return False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = cleaned.get("successor_name", "").strip()
        if not name:
            return cleaned
        if cleaned.get("has_no_successor"):
            self.add_error("has_no_successor", "Either an event replaces it, or nothing does.")
        calls = [self.event.call, *Call] if self.event else [*Call]
        found = (Event.objects.named(str(call), name).first() for call in calls)
        self.successor = next((event for event in found if event is not None), None)
        if self.successor is None:
            self.add_error("successor_name", f"No event of the catalog is called {name[:80]!r}.")
        return cleaned


def _autocomplete_attrs(query: str, target: str) -> dict[str, str]:
    """Return the attributes of a control that shows what it finds in the catalog while somebody types."""
    return {
        "hx-get": f"{reverse('requests:similar')}{query}",
        "hx-trigger": "input changed delay:300ms",
        "hx-target": target,
        "hx-swap": "innerHTML",
    }


ChangeForm = DefinitionForm | EndOfLifeForm


def change_values(form: ChangeForm) -> dict[str, Any]:
    """Return the fields of a change for the services; of a form that is not valid, those that are."""
    if isinstance(form, DefinitionForm):
        return {
            "definition": form.document,
            "sources": form.cleaned_data.get("sources", Source.objects.none()),
            "name_reason": form.cleaned_data.get("name_reason", ""),
        }
    cleaned = form.cleaned_data
    return {
        "successor": form.successor,
        "has_no_successor": cleaned.get("has_no_successor", False),
        "ends_on": cleaned.get("ends_on"),
        "sources": cleaned.get("sources", Source.objects.none()),
    }


def requires_definition(action: str) -> bool:
    """Whether a change of this action carries a definition."""
    return action in (ChangeAction.CREATE, ChangeAction.UPDATE)
