"""Pages of counts, which are sums over rows and so have no key of their own."""

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.request import Request

from accounts.api.pagination import StableCursorPagination


class TrafficPagination(StableCursorPagination):
    """Newest hour first. Past hours no longer change; rows of the running hour may come in between."""

    ordering = ("-hour", "source_id", "environment", "seen_name_id", "app_version", "version_id", "verdict")
    # A page's place within its hour: an hour may have any number of rows.
    offset_cutoff = 0

    def get_ordering(self, request: Request, queryset: QuerySet[Model], view: Any) -> tuple[str, ...]:
        """The columns that a row is the sum by, which is unique without a key."""
        return self.ordering
