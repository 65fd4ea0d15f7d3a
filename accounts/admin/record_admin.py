"""API tokens and history in the admin site, read-only; tokens can be revoked."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.read_only_admin import ReadOnlyAdmin
from accounts.current_user import current_user
from accounts.models import ApiToken, HistoryEntry
from accounts.services import revoke_token


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens can be revoked here, by the action; their text is nowhere."""

    list_display = ("name", "user", "prefix", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username", "user__name")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Ends each of them at once."""
        by = current_user(request)
        for token in queryset:
            revoke_token(token, by=by)
        self.message_user(request, "The tokens are revoked.", messages.SUCCESS)


@admin.register(HistoryEntry)
class HistoryAdmin(ReadOnlyAdmin):
    """History entries, which cannot be edited."""

    list_display = ("at", "actor", "subject_type", "subject_id", "action", "from_state", "to_state", "message")
    list_filter = ("subject_type", "action", "at")
    list_select_related = ("actor",)
    search_fields = ("=subject_id", "actor__username", "message")
    date_hierarchy = "at"
    show_full_result_count = False
