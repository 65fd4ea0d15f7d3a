"""Read-only admin pages and inlines."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.shown_columns import ShownColumnsMixin


class ReadOnlyAdminMixin(ShownColumnsMixin):
    """Rows that the admin site shows and never writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """A read-only page."""


class ReadOnlyInline(ReadOnlyAdminMixin, admin.TabularInline):
    """Read-only rows on another model's page."""

    extra = 0
    show_change_link = False
