"""The catalog list and the event page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from accounts.permissions import can
from accounts.roles import Capability
from catalog.filters import EventFilter
from catalog.models import Event, Version
from catalog.presenters.event_presenter import EventPresenter
from pages.cache_control import never_stored
from pages.list_view import FilteredListView


class EventListView(FilteredListView):
    """Every event that anybody defined."""

    template_name = "catalog/events.html"
    filterset_class = EventFilter
    export_name = "events"
    columns = (
        ("id", lambda row: row.pk),
        ("call", lambda row: row.call),
        ("name", lambda row: row.name),
        ("description", lambda row: row.description),
        ("status", lambda row: row.status),
        ("health", lambda row: row.health),
        ("kind", lambda row: row.kind),
        ("tier", lambda row: row.tier),
        ("category", lambda row: row.category.name if row.category else ""),
        ("owner_team", lambda row: row.owner_team.name if row.owner_team else row.owner_text),
        ("properties", lambda row: row.property_count),
        ("volume_30_days", lambda row: row.volume),
        ("last_seen", lambda row: row.last_seen_at),
        ("updated", lambda row: row.updated_at),
    )

    def get_queryset(self) -> QuerySet[Event]:
        return Event.objects.with_row_data()


@never_stored
@login_required
@require_GET
def event_page(request: HttpRequest, pk: str, slug: str | None = None) -> HttpResponse:
    """One event: what it is, whether it can be trusted, how to send it.

    A wrong or old readable half of the address redirects; `?v=1.2.0` pins a version, and a number
    that the event never had shows the current one with a word about it.
    """
    event = get_object_or_404(Event.objects.with_page_data(), pk=int(pk))
    if slug != event.slug:
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{event.get_absolute_url()}{'?' + query if query else ''}", permanent=True)
    versions = list(
        # The definition of the one that is shown is read when it is asked for.
        event.versions.select_related("created_by", "parent").defer(
            "definition", "comparison", "parent__definition", "parent__comparison"
        )
    )
    requested = request.GET.get("v", "")
    pinned = next((version for version in versions if str(version.number) == requested), None)
    shown = pinned or _shown_version(event, versions)
    context: dict[str, Any] = {
        "event": event,
        "versions": versions,
        "version": shown,
        "is_pinned": pinned is not None and pinned.pk != event.shown_version_id,
        "asked_version": requested if requested and pinned is None else "",
        "pending": _pending_version(event, versions),
        "exemptions": list(event.sensitive_exemptions.active().select_related("created_by")),
        "may_end_exemptions": can(request.user, Capability.REQUEST_APPROVE, on=event),
        "presenter": EventPresenter.for_version(event, shown, host=request.build_absolute_uri("/").rstrip("/")),
    }
    return render(request, "catalog/event.html", context)


def _shown_version(event: Event, versions: list[Version]) -> Version | None:
    return next((version for version in versions if version.pk == event.shown_version_id), None)


def _pending_version(event: Event, versions: list[Version]) -> Version | None:
    """Return the approved version on its way, where one newer than the live one exists."""
    newest = next((version for version in versions if version.pk == event.newest_version_id), None)
    return newest if newest and event.live_version_id and newest.pk != event.live_version_id else None
