"""Requests in the admin site: to look at, search and filter. States are moved on their pages, where guards hold."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.read_only_admin import ReadOnlyAdminMixin, ReadOnlyInline
from accounts.models import HistoryEntry
from pages.ui.humanize import exact_time
from tracking.requests.models import Approval, Change, Delivery, Evidence, PinnedEvent, Request, Verification

HISTORY_SHOWN = 200


class WithHistory:
    """A read-only field with what happened to the row and its parts."""

    subject_type: ClassVar[str]

    @admin.display(description="history")
    def history(self, row: Request | Delivery) -> SafeString:
        """Return the entries as a list, oldest first."""
        entries = HistoryEntry.objects.for_subject_and_parts(self.subject_type, row.pk)[:HISTORY_SHOWN]
        lines = format_html_join(
            "",
            "<li>{} · {} · {} {} {} → {} {}</li>",
            (
                (
                    exact_time(entry.at),
                    entry.actor,
                    entry.subject_type,
                    entry.action,
                    entry.from_state,
                    entry.to_state,
                    entry.message,
                )
                for entry in entries
            ),
        )
        return format_html("<ol>{}</ol>", lines)


class ChangeInline(ReadOnlyInline):
    """What the request does to each event."""

    model = Change
    fields = ("action", "event", "base", "version", "lane", "successor", "ends_on")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        return super().get_queryset(request).select_related("event", "base__event", "version__event", "successor")


class ApprovalInline(ReadOnlyInline):
    """Who approved it."""

    model = Approval
    fields = ("submission", "person", "area", "team", "comment", "is_same_person", "created_at")


class DeliveryInline(ReadOnlyInline):
    """Where the change stands on each source."""

    model = Delivery
    fields = ("source", "state", "app_version", "developed_by", "tested_by", "live_at")
    show_change_link = True


class EvidenceInline(ReadOnlyInline):
    """What the check saw, by hour and app version."""

    model = Evidence
    fields = ("round", "stage", "environment", "hour", "app_version", "conforming", "nonconforming", "proving")


class VerificationInline(ReadOnlyInline):
    """Who signed it."""

    model = Verification
    fields = ("person", "at", "comment")


class PinnedEventInline(ReadOnlyInline):
    """When it was sent back with an event that shows why. The event stands on the request's page."""

    model = PinnedEvent
    fields = ("at",)


@admin.register(Request)
class RequestAdmin(WithHistory, ReadOnlyAdminMixin, admin.ModelAdmin):
    """Requests."""

    subject_type = "request"
    list_display = ("title", "state", "lane", "origin", "priority", "author", "owner", "team", "updated_at")
    list_filter = ("state", "lane", "origin", "priority", "team", "is_sample")
    list_select_related = ("author", "owner", "team")
    search_fields = ("title", "question", "decision", "metric", "author__username", "changes__event__name")
    date_hierarchy = "updated_at"
    readonly_fields = ("history",)
    inlines = (ChangeInline, ApprovalInline)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Changes, with their deliveries."""

    list_display = ("name", "action", "lane", "request", "version")
    list_filter = ("action", "lane", "sources")
    list_select_related = ("event", "request", "version__event")
    search_fields = ("event__name", "request__title")
    inlines = (DeliveryInline,)


@admin.register(Delivery)
class DeliveryAdmin(WithHistory, ReadOnlyAdminMixin, admin.ModelAdmin):
    """Deliveries, with what proves them."""

    subject_type = "delivery"
    list_display = ("change", "source", "state", "app_version", "round", "developed_by", "tested_by", "updated_at")
    list_filter = ("state", "source", "source__owner_team")
    list_select_related = ("change__event", "source", "developed_by", "tested_by")
    search_fields = ("change__event__name", "change__request__title", "source__name", "app_version")
    readonly_fields = ("history",)
    inlines = (EvidenceInline, VerificationInline, PinnedEventInline)
