"""The audit log, for admins and data leads: who came in, who was refused, and what tokens are used from where."""

from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.current_user import current_user
from accounts.filters import AuditFilter
from accounts.models import AuditEntry
from accounts.permissions import WHOLE_COMPANY, can, require
from accounts.roles import Capability
from pages.cache_control import never_stored
from pages.list_view import FilteredListView


@never_stored
class AuditListView(FilteredListView):
    """Entries of the audit log, the newest first."""

    template_name = "accounts/audit_log.html"
    filterset_class = AuditFilter
    export_name = "audit"
    columns = (
        ("at", lambda entry: entry.at),
        ("kind", lambda entry: entry.kind),
        ("person", lambda entry: entry.person.username if entry.person else ""),
        ("by", lambda entry: entry.by.username if entry.by else ""),
        ("name_tried", lambda entry: entry.name_tried),
        ("network", lambda entry: entry.network),
        ("session", lambda entry: entry.session_label),
        ("token", lambda entry: entry.token.prefix if entry.token else ""),
        ("path", lambda entry: entry.path),
        ("reason", lambda entry: entry.reason),
        ("times", lambda entry: entry.times),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, or what was asked of it. Raises Forbidden for whoever may not read the audit log."""
        require(current_user(request), Capability.AUDIT_VIEW, on=WHOLE_COMPANY)
        return super().get(request, *args, **kwargs)

    def get_extra_context(self, page: Page[AuditEntry]) -> dict[str, bool]:
        """Whether the reader may go to the admin site, where sessions are ended."""
        return {"may_end_sessions": can(current_user(self.request), Capability.ADMIN_SITE, on=WHOLE_COMPANY).allowed}

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.with_list_data()
