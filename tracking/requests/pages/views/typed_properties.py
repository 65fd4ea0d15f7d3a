"""Where the properties in the form contradict the library, shown while somebody types them."""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from catalog.contract import clean_name
from catalog.contract.definition.definition_document import main_part
from catalog.contract.json.pointers import format_pointer
from catalog.contract.property_listing import type_label
from catalog.contract.property_types import PropertyType
from catalog.library_warnings import LibraryWarning, document_warnings, property_warnings
from catalog.models import Version
from tracking.requests.pages.forms.change_forms import CHANGE_PREFIX
from tracking.requests.pages.forms.editor import ROWS_PREFIX
from tracking.requests.pages.forms.property_kinds import ANY_KIND, PROPERTY_KINDS
from tracking.requests.pages.forms.property_row_forms import BasePropertyRowFormSet, PropertyRowFormSet
from tracking.requests.pages.post_params import id_param


@login_required
@require_POST
def library(request: HttpRequest) -> HttpResponse:
    """A fragment: where the rows of properties, as they are typed, contradict the library."""
    warnings: list[LibraryWarning] = []
    if f"{ROWS_PREFIX}-TOTAL_FORMS" in request.POST:
        base = Version.objects.filter(pk=id_param(request.POST, f"{CHANGE_PREFIX}-base") or 0).first()
        call = base.definition.get("call") if base else request.POST.get(f"{CHANGE_PREFIX}-call", "")
        warnings = row_warnings(PropertyRowFormSet(request.POST, prefix=ROWS_PREFIX), base, call=str(call))
    return render(request, "requests/_warnings.html", {"warnings": warnings})


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
