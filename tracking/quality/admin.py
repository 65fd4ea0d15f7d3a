"""Findings in the admin site: read only."""

from django.contrib import admin

from accounts.admin.read_only_admin import ReadOnlyAdmin
from tracking.quality.models import Finding


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """Read-only: a finding is moved on its page, where the step is checked and recorded."""

    list_display = ("rule", "path", "seen_name", "source", "environment", "severity", "state", "count", "last_seen")
    list_filter = ("state", "severity", "environment", "source", "rule")
    search_fields = ("seen_name__name", "path", "rule")
    list_select_related = ("seen_name", "source")
    date_hierarchy = "last_seen"
