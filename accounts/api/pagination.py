"""Pages of the API: stable while rows come and go, whatever their number."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class StableCursorPagination(CursorPagination):
    """Answers `{"results", "next", "previous"}`; `?page_size=` up to 200.

    The order is the view's `ordering` (a field or a tuple of fields), else the queryset's own, else its
    model's. The first field must be a column of the row itself and never null; the key breaks ties.
    """

    page_size_query_param = "page_size"
    max_page_size = 200

    def get_ordering(self, request: Request, queryset: QuerySet[Model], view: Any) -> tuple[str, ...]:
        """The fields to order by; raises TypeError where neither view, queryset nor model names any."""
        configured = getattr(view, "ordering", None) or queryset.query.order_by or queryset.model._meta.ordering or ()
        ordering = (configured,) if isinstance(configured, str) else tuple(configured)
        if not ordering or not all(isinstance(field, str) for field in ordering):
            raise TypeError(f"{type(view).__name__} has no ordering by named fields, so its pages would not be stable.")
        if ordering[-1].lstrip("-") in {"pk", "id"}:
            return ordering
        return (*ordering, "-pk" if ordering[0].startswith("-") else "pk")
