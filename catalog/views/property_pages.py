"""The property library: the list and one property."""

from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from catalog.filters import PropertyFilter
from catalog.models import Property, VersionProperty
from pages.list_view import FilteredListView

MAX_USES = 100


class PropertyListView(FilteredListView):
    """Every property of the library."""

    template_name = "catalog/properties.html"
    filterset_class = PropertyFilter
    export_name = "properties"
    columns = (
        ("id", lambda row: row.pk),
        ("name", lambda row: row.name),
        ("description", lambda row: row.description),
        ("type", lambda row: row.type_label),
        ("sensitivity", lambda row: row.sensitivity),
        ("origin", lambda row: row.origin),
        ("unit", lambda row: row.unit),
        ("events", lambda row: row.use_count),
    )

    def get_queryset(self) -> QuerySet[Property]:
        return Property.objects.with_list_data()


@login_required
@require_GET
def property_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One property: what it means, how it is stored, and which events have it today."""
    entry = get_object_or_404(Property.objects.with_list_data(), pk=pk)
    uses = (
        VersionProperty.objects.filter(property=entry, version=F("version__event__newest_version"))
        .select_related("version__event")
        .only("path", "type_label", "is_required", "version__event", "version__event__name", "version__event__status")
        .order_by("version__event__name", "path")
    )
    context = {"property": entry, "uses": uses[:MAX_USES], "total": uses.count()}
    return render(request, "catalog/property.html", context)
