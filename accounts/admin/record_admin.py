"""API tokens, sessions and history in the admin site, read-only; tokens can be revoked and sessions ended."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.read_only_admin import ReadOnlyAdmin
from accounts.audit import origin_of
from accounts.current_user import current_user
from accounts.models import ApiToken, HistoryEntry, Session
from accounts.services import end_session, revoke_token


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
        by, origin = current_user(request), origin_of(request)
        for token in queryset:
            revoke_token(token, by=by, origin=origin)
        self.message_user(request, "The tokens are revoked.", messages.SUCCESS)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Sessions of people can be ended here, by the action; the secret that opens one is nowhere."""

    list_display = ("label", "client", "user", "network", "created_at", "last_seen_at", "expire_date")
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__name", "=network")
    fields = ("label", "user", "client", "network", "created_at", "last_seen_at", "expire_date")
    actions = ("end",)

    @admin.display(description="Session", ordering="pk")
    def label(self, session: Session) -> str:
        """What the audit log calls it."""
        return session.label

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return Session.objects.of_people()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "user__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.action(description="End the chosen sessions")
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        """Signs their people out there, at once."""
        by, origin = current_user(request), origin_of(request)
        for session in queryset.select_related("user"):
            end_session(session, by=by, origin=origin)
        self.message_user(request, "The sessions are ended.", messages.SUCCESS)


@admin.register(HistoryEntry)
class HistoryAdmin(ReadOnlyAdmin):
    """History entries, which cannot be edited."""

    list_display = ("at", "actor", "subject_type", "subject_id", "action", "from_state", "to_state", "message")
    list_filter = ("subject_type", "action", "at")
    list_select_related = ("actor",)
    search_fields = ("=subject_id", "actor__username", "message")
    date_hierarchy = "at"
    show_full_result_count = False
