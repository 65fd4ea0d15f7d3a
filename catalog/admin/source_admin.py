"""Sources in the admin site, with their keys and deploys."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin.read_only_admin import ReadOnlyInline
from accounts.admin.service_admin import ServiceAdmin
from accounts.audit import RequestOrigin
from accounts.models import User
from catalog.models import Deploy, Source, WriteKey
from catalog.services.sources import create_source, update_source

EDITABLE = (
    *("name", "description", "platform", "owner_team"),
    *("version_from", "version_path", "version_order", "version_format", "null_handling"),
    *("max_events_per_second", "max_bytes_per_second"),
)


class WriteKeyInline(ReadOnlyInline):
    """Keys are created, rotated and revoked on the source's page."""

    model = WriteKey
    fields = ("environment", "key", "created_at", "created_by", "last_seen_at", "retires_at", "revoked_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[WriteKey]:
        return super().get_queryset(request).select_related("created_by", "source")


class DeployInline(ReadOnlyInline):
    """Deploys are marked by whoever deploys."""

    model = Deploy
    fields = ("environment", "version", "at", "created_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Deploy]:
        return super().get_queryset(request).select_related("created_by", "source")


@admin.register(Source)
class SourceAdmin(ServiceAdmin):
    """Saved by the services, so that history has who changed what."""

    list_display = ("name", "slug", "platform", "owner_team", "version_from", "version_order", "is_sample")
    list_filter = ("platform", "version_from", "version_order", "owner_team")
    list_select_related = ("owner_team",)
    search_fields = ("name", "slug", "description")
    autocomplete_fields = ("owner_team",)
    fields = ("slug", *EDITABLE)
    inlines = (WriteKeyInline, DeployInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> Source:
        values = {field: form.cleaned_data[field] for field in EDITABLE}
        if isinstance(row, Source):
            return update_source(row, by=by, **values)
        return create_source(slug=form.cleaned_data["slug"], by=by, **values)
