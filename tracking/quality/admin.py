"""Findings in the admin site: read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tracking.quality.models import Finding


@admin.register(Finding)
class FindingAdmin(admin.ModelAdmin):
    """Read-only: a finding is moved on its page, where the step is checked and recorded."""

    list_display = ("rule", "path", "seen_name", "source", "environment", "severity", "state", "count", "last_seen")
    list_filter = ("state", "severity", "environment", "source", "rule")
    search_fields = ("seen_name__name", "path", "rule")
    list_select_related = ("seen_name", "source")
    date_hierarchy = "last_seen"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
