"""The property library in the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin.service_admin import ServiceAdmin
from accounts.audit import RequestOrigin
from accounts.models import User
from catalog.models import Property
from catalog.services.property_library import save_property

EDITABLE = ("name", "description", "schema", "examples", "unit", "sensitivity", "origin", "owner_team")


@admin.register(Property)
class PropertyAdmin(ServiceAdmin):
    """Saves through the service. No definition changes with a library entry; a stricter sensitivity applies at once."""

    list_display = ("name", "type_label", "sensitivity", "origin", "owner_team", "updated_at")
    list_filter = ("sensitivity", "origin", "owner_team")
    list_select_related = ("owner_team",)
    search_fields = ("name", "description")
    autocomplete_fields = ("owner_team",)
    fields = EDITABLE

    @admin.display(description="Type")
    def type_label(self, entry: Property) -> str:
        return entry.type_label

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> Property:
        entry = row if isinstance(row, Property) else None
        return save_property(entry, by=by, **{field: form.cleaned_data[field] for field in EDITABLE})
