"""The list of write keys that are held back: who, since when, by which bound, and how much was refused."""

from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet

from accounts.permissions import can
from accounts.roles import Capability
from pages.list_view import FilteredListView
from tracking.traffic.collect.refusal_log import key_prefix
from tracking.traffic.filters import ThrottledKeyFilter
from tracking.traffic.models import ThrottledKey


class ThrottledKeyListView(FilteredListView):
    """Keys that sent more than they may within the last days, those of now first."""

    template_name = "traffic/throttled.html"
    filterset_class = ThrottledKeyFilter
    export_name = "throttled"
    columns = (
        ("source", lambda row: row.write_key.source.slug),
        ("environment", lambda row: row.write_key.environment),
        ("key", lambda row: key_prefix(row.write_key.key)),
        ("bound", lambda row: row.bound),
        ("now", lambda row: row.is_now),
        ("since", lambda row: row.since),
        ("last", lambda row: row.last_at),
        ("requests", lambda row: row.requests),
        ("bytes", lambda row: row.size),
        ("revoked", lambda row: row.write_key.revoked_at),
    )

    def get_queryset(self) -> QuerySet[ThrottledKey]:
        return ThrottledKey.objects.with_list_data()

    def get_extra_context(self, page: Page[Any]) -> dict[str, Any]:
        user = self.request.user
        rows = [
            {
                "throttled": throttled,
                "key": throttled.write_key,
                "key_start": key_prefix(throttled.write_key.key),
                "source": throttled.write_key.source,
                "may_revoke": can(user, Capability.KEY_ROTATE, on=throttled.write_key.source),
            }
            for throttled in page.object_list
        ]
        return {"rows": rows}
