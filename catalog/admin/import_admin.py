"""Imports in the admin site: what was uploaded, and the outcome of each entry."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.read_only_admin import ReadOnlyAdminMixin, ReadOnlyInline
from catalog.models import ImportEntry, ImportRun


class ImportEntryInline(ReadOnlyInline):
    """Every entry with its outcome and notes; its source's text stays in the database."""

    model = ImportEntry
    fields = ("path", "call", "name", "origin_version", "outcome", "notes", "event")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportEntry]:
        return super().get_queryset(request).select_related("event").defer("source_text")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Jobs that read other tools' dictionaries."""

    list_display = (
        "file_name",
        "format",
        "state",
        "is_dry_run",
        "is_baseline",
        "done",
        "total",
        "created_by",
        "created_at",
    )
    list_filter = ("state", "format", "is_dry_run", "is_baseline", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("file_name", "entries__name")
    exclude = ("content",)
    inlines = (ImportEntryInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        return super().get_queryset(request).select_related("created_by", "owner_team").defer("content")
