"""What is wrong with the properties in the form, shown while somebody types them."""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.current_user import current_user
from catalog.contract import clean_name
from catalog.contract.definition.definition_document import main_part
from catalog.contract.json.pointers import format_pointer
from catalog.contract.property_listing import type_label
from catalog.contract.property_types import PropertyType
from catalog.library_warnings import LibraryWarning, document_warnings, property_warnings
from catalog.models import Version
from tracking.requests.drafted_names import drafted_call
from tracking.requests.models import Request
from tracking.requests.pages.forms.change_forms import DefinitionForm
from tracking.requests.pages.forms.editor import RequestEditor, editor_from_post
from tracking.requests.pages.forms.editor_lint import attach_lint
from tracking.requests.pages.forms.property_kinds import ANY_KIND, PROPERTY_KINDS
from tracking.requests.pages.forms.property_row_forms import BasePropertyRowFormSet
from tracking.requests.pages.post_params import id_param


@login_required
@require_POST
def library(request: HttpRequest) -> HttpResponse:
    """A fragment: what the lint finds in a definition as it is typed, and where it contradicts the library.

    What the lint finds in a row of the form is put beside that row. Nothing is saved, and no field is answered, so
    that nothing typed is lost; the queries are the same for any number of properties.
    """
    draft = Request.objects.filter(pk=id_param(request.POST, "draft") or 0).first()
    editor = editor_from_post(request.POST, current_user(request), draft)
    editor.bind_change_form(request.POST)
    form = editor.change_form
    context = {
        "other_lint": attach_lint(editor),
        "rows": form.rows if isinstance(form, DefinitionForm) else None,
        "warnings": library_warnings(editor),
    }
    return render(request, "requests/_typed.html", context)


def library_warnings(editor: RequestEditor) -> list[LibraryWarning]:
    """Return where the properties in the form say anew what contradicts the library."""
    form = editor.change_form
    if not isinstance(form, DefinitionForm) or form.rows is None:
        return []
    return row_warnings(form.rows, editor.base, call=drafted_call(form.document))


def row_warnings(rows: BasePropertyRowFormSet, base: Version | None, *, call: str) -> list[LibraryWarning]:
    """Return where rows, valid or not, say anew what contradicts the library: not what the base says already."""
    found = property_warnings(list(_typed_properties(rows, main_part({"call": call}))))
    if not found or base is None:
        return found
    told_before = {each.detail for each in document_warnings([(base.definition, None)])[0]}
    return [each for each in found if each.detail not in told_before]


def _typed_properties(rows: BasePropertyRowFormSet, part: str) -> Iterator[PropertyType]:
    for row in rows.forms:
        name = clean_name(str(row["name"].value() or ""))
        if not name.strip() or row["DELETE"].value():
            continue
        kind = ANY_KIND if row["is_locked"].value() else str(row["kind"].value() or "string")
        _label, schema = PROPERTY_KINDS.get(kind, PROPERTY_KINDS[ANY_KIND])
        yield PropertyType(path=format_pointer((part, name)), name=name, type_label=type_label(schema, schema))
