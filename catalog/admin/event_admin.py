"""Events and their versions in the admin site: read-only, since only requests change definitions."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.read_only_admin import ReadOnlyAdminMixin, ReadOnlyInline
from catalog.models import Binding, Event, EventName, Ownership, Version, VersionProperty, VersionSource

LARGE_FIELDS = ("definition", "comparison")


class EventNameInline(ReadOnlyInline):
    """The names that an event has and had."""

    model = EventName
    fields = ("call", "name", "since", "until")


class OwnershipInline(ReadOnlyInline):
    """The owners of the event."""

    model = Ownership
    fields = ("person", "role")


class VersionInline(ReadOnlyInline):
    """Its versions, newest first."""

    model = Version
    fk_name = "event"
    fields = ("number", "change_kind", "origin_version", "message", "created_by", "created_at", "withdrawn_at")
    readonly_fields = fields
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        return super().get_queryset(request).select_related("created_by", "event").defer(*LARGE_FIELDS)


class BindingInline(ReadOnlyInline):
    """The versions that its sources' events are validated against."""

    model = Binding
    fields = ("source", "environment", "version", "since_version", "since_at", "written_at", "ended_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Binding]:
        return super().get_queryset(request).select_related("source", "version__event", "event")


@admin.register(Event)
class EventAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """The dictionary, read-only; the link "view on site" leads to where a change is proposed."""

    list_display = ("name", "call", "status", "health", "kind", "tier", "category", "owner_team", "last_seen_at")
    list_filter = ("status", "health", "call", "kind", "tier", "category", "owner_team", "is_sample")
    list_select_related = ("category", "owner_team")
    search_fields = ("name", "title", "description", "names__name")
    exclude = ("search",)
    inlines = (EventNameInline, OwnershipInline, VersionInline, BindingInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        related = ("live_version__event", "newest_version__event", "successor")
        deferred = [f"{pointer}_version__{field}" for pointer in ("live", "newest") for field in LARGE_FIELDS]
        return super().get_queryset(request).select_related(*related).defer(*deferred)


class VersionPropertyInline(ReadOnlyInline):
    """The properties of a version."""

    model = VersionProperty
    fields = ("path", "type_label", "is_required", "property")

    def get_queryset(self, request: HttpRequest) -> QuerySet[VersionProperty]:
        return super().get_queryset(request).select_related("property")


class VersionSourceInline(ReadOnlyInline):
    """The sources that a version is approved for."""

    model = VersionSource
    fields = ("source", "change_kind", "is_open", "is_superseded")

    def get_queryset(self, request: HttpRequest) -> QuerySet[VersionSource]:
        return super().get_queryset(request).select_related("source", "version__event")


@admin.register(Version)
class VersionAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):
    """Versions, which a database trigger protects from changes."""

    list_display = ("event", "number", "change_kind", "origin_version", "created_by", "created_at", "withdrawn_at")
    list_filter = ("change_kind", "withdrawn_at", "created_at")
    list_select_related = ("event", "created_by")
    search_fields = ("event__name", "origin_version", "message")
    exclude = ("content_hash",)
    inlines = (VersionSourceInline, VersionPropertyInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        related = super().get_queryset(request).select_related("event", "parent__event", "created_by")
        return related.defer(*(f"parent__{field}" for field in LARGE_FIELDS))
