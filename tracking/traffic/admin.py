"""The admin site's pages for arriving traffic: to read, and to send again what was quarantined."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin.read_only_admin import ReadOnlyAdmin
from accounts.audit import record_refusal
from accounts.current_user import current_user
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from tracking.traffic.check.quarantine import download_quarantined, resend_quarantined
from tracking.traffic.models import (
    InboxBatch,
    QuarantinedBatch,
    RefusedRequest,
    Sample,
    SeenName,
    TrafficCount,
    WorkerBeat,
)


@admin.register(InboxBatch)
class InboxBatchAdmin(ReadOnlyAdmin):
    """What waits to be checked, without its content."""

    list_display = (
        "id",
        "source",
        "environment",
        "wire",
        "event_count",
        "size",
        "received_at",
        "attempts",
        "is_alone",
        "is_history",
    )
    list_filter = ("environment", "source", "is_alone", "is_history")
    list_select_related = ("source",)
    exclude = ("body",)
    show_full_result_count = False


@admin.register(QuarantinedBatch)
class QuarantinedBatchAdmin(ReadOnlyAdmin):
    """What could not be checked: send it again, or download one."""

    list_display = (
        "id",
        "source",
        "environment",
        "event_count",
        "received_at",
        "quarantined_at",
        "is_history",
        "reason",
        "resent_at",
    )
    list_filter = ("environment", "source", "is_history", ("resent_at", admin.EmptyFieldListFilter))
    list_select_related = ("source",)
    search_fields = ("reason",)
    date_hierarchy = "quarantined_at"
    exclude = ("body",)
    actions = ("send_again", "download_one")

    @admin.action(description="Send the chosen batches through the check again")
    def send_again(self, request: HttpRequest, queryset: QuerySet[QuarantinedBatch]) -> None:
        """Puts each into the inbox, and says which could not be."""
        by = current_user(request)
        sent = 0
        for batch in queryset.order_by("pk"):
            try:
                resend_quarantined(batch, by=by)
                sent += 1
            except (Forbidden, UnmetConditionsError) as error:
                if isinstance(error, Forbidden):
                    record_refusal(request, str(error))
                self.message_user(request, f"{batch}: {error}", messages.ERROR)
        if sent:
            self.message_user(request, f"{sent} sent again; the worker checks them now.", messages.SUCCESS)

    @admin.action(description="Download the chosen batch")
    def download_one(self, request: HttpRequest, queryset: QuerySet[QuarantinedBatch]) -> HttpResponse | None:
        """Answers the body as a file, where exactly one is chosen."""
        chosen = list(queryset.select_related("source")[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one batch to download.", messages.ERROR)
            return None
        body = download_quarantined(chosen[0], by=current_user(request))
        return HttpResponse(
            body,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="quarantined-{chosen[0].pk}.json"',
                "X-Content-Type-Options": "nosniff",
            },
        )


@admin.register(RefusedRequest)
class RefusedRequestAdmin(ReadOnlyAdmin):
    """What the collector refused, by minute: where to look when events do not arrive."""

    list_display = ("minute", "status", "reason", "key_prefix", "source", "count")
    list_filter = ("reason", "status", "source")
    list_select_related = ("source",)
    date_hierarchy = "minute"
    show_full_result_count = False


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    """The newest events of each name, masked."""

    list_display = (
        "received_at",
        "event_time",
        "source",
        "environment",
        "seen_name",
        "verdict",
        "app_version",
        "is_repeat",
        "is_evidence",
    )
    list_filter = ("verdict", "environment", "source", "is_repeat", "is_evidence")
    list_select_related = ("source", "seen_name")
    search_fields = ("seen_name__name",)
    show_full_result_count = False


@admin.register(SeenName)
class SeenNameAdmin(ReadOnlyAdmin):
    """What traffic called things."""

    list_display = ("name", "call", "first_seen")
    list_filter = ("call",)
    search_fields = ("name",)
    exclude = ("name_hash",)
    show_full_result_count = False


@admin.register(TrafficCount)
class TrafficCountAdmin(ReadOnlyAdmin):
    """Counts by hour; several rows may share a key until they are folded."""

    list_display = (
        "hour",
        "source",
        "environment",
        "seen_name",
        "app_version",
        "version",
        "verdict",
        "count",
        "repeats",
        "historical",
        "undated",
    )
    list_filter = ("verdict", "environment", "source")
    list_select_related = ("source", "seen_name", "version__event")
    search_fields = ("seen_name__name",)
    show_full_result_count = False


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnlyAdmin):
    """Which workers are alive, and what they are at."""

    list_display = ("name", "queue", "state", "task", "at")
