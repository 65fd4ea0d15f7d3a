"""Pages of the API: stable while rows come and go, whatever their number."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, QuerySet
from rest_framework.exceptions import ErrorDetail, NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from accounts.api.strict_views import InvalidParameters
from pages.nearest_names import quoted

MAX_OFFSET_DIGITS = 9


class StableCursorPagination(CursorPagination):
    """Answers `{"results", "next", "previous"}`; `?page_size=` up to 200, which more is cut to.

    A cursor or a size that cannot be read is 400: the first page, or a page of another size, would pass for the answer.

    The order is the view's `ordering` (a field or a tuple of fields), else the queryset's own, else its
    model's. The first field must be a column of the row itself and never null; the key breaks ties.
    """

    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        """Return how many rows a page has. Raises InvalidParameters where the query says no whole number from 1 on."""
        text = request.query_params.get(self.page_size_query_param or "", "")
        # As `int` reads it: Python's underscores and other scripts' digits are no numbers of an address.
        if text and not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
            detail = f"A page has 1 to {self.max_page_size} rows; {quoted(text)} is no such number."
            raise InvalidParameters({str(self.page_size_query_param): [ErrorDetail(detail, code="invalid")]})
        size: int | None = super().get_page_size(request)
        return size

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the place that the query names, or None. Raises InvalidParameters where it names none."""
        encoded = request.query_params.get(self.cursor_query_param, "")
        if not encoded:
            return None
        if not _is_written_by_us(encoded):
            raise self._invalid_cursor()
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise self._invalid_cursor() from None
        return cursor

    def paginate_queryset(  # type: ignore[override]  # every list here is a queryset
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any] | None:
        """Return the rows of the page. Raises InvalidParameters where the cursor is not one of this list."""
        cursor = self.decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            column = self.get_ordering(request, queryset, view)[0].lstrip("-")
            if not _can_hold(queryset.model, column, str(cursor.position)):
                raise self._invalid_cursor()
        rows: list[Any] | None = super().paginate_queryset(queryset, request, view)
        return rows

    def _invalid_cursor(self) -> InvalidParameters:
        detail = (
            "This is no cursor of this list. Take the whole address that “next” or “previous” of an answer holds, or "
            "leave the cursor out to begin with the first page."
        )
        return InvalidParameters({self.cursor_query_param: [ErrorDetail(detail, code="invalid")]})

    def get_ordering(self, request: Request, queryset: QuerySet[Model], view: Any) -> tuple[str, ...]:
        """The fields to order by; raises TypeError where neither view, queryset nor model names any."""
        configured = getattr(view, "ordering", None) or queryset.query.order_by or queryset.model._meta.ordering or ()
        ordering = (configured,) if isinstance(configured, str) else tuple(configured)
        if not ordering or not all(isinstance(field, str) for field in ordering):
            raise TypeError(f"{type(view).__name__} has no ordering by named fields, so its pages would not be stable.")
        if ordering[-1].lstrip("-") in {"pk", "id"}:
            return ordering
        return (*ordering, "-pk" if ordering[0].startswith("-") else "pk")


def _is_written_by_us(encoded: str) -> bool:
    """Tell whether a cursor has the parts of one: REST framework reads anything else as the first page."""
    try:
        parts = parse_qs(b64decode(encoded, validate=True).decode("ascii"), keep_blank_values=True)
    except ValueError:
        return False
    offset = parts.get("o", ["0"])[0]
    return bool(parts) and parts.keys() <= {"o", "r", "p"} and offset.isdecimal() and len(offset) <= MAX_OFFSET_DIGITS


def _can_hold(model: type[Model], column: str, position: str) -> bool:
    """Tell whether a column can hold the place that a cursor names; the database would raise an error otherwise."""
    try:
        field = model._meta.pk if column == "pk" else model._meta.get_field(column)
    except FieldDoesNotExist:  # an annotation
        return "\0" not in position
    if not isinstance(field, Field):  # a relation from elsewhere, which no list is ordered by
        return False
    try:
        value = field.to_python(position)
        if isinstance(value, datetime):
            value.astimezone(UTC)
    except (ValidationError, ValueError, OverflowError):
        return False
    return "\0" not in position
