"""Exemptions from the rule `sensitive` in the admin site: read there, given and ended on findings."""

from django.contrib import admin

from accounts.admin.read_only_admin import ReadOnlyAdmin
from catalog.models import SensitiveExemption


@admin.register(SensitiveExemption)
class SensitiveExemptionAdmin(ReadOnlyAdmin):
    """Every exemption, those that ended too."""

    list_display = ("event", "path", "reason", "created_by", "created_at", "ended_at")
    list_select_related = ("event", "created_by")
    search_fields = ("event__name", "path", "reason")
