"""Filters that several rooms use: rows with one of several chosen values."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field


class AnyOf(django_filters.MultipleChoiceFilter):
    """Rows with one of the chosen values. None of the filters here joins to many rows, so nothing need be distinct."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"distinct": False} | kwargs)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class AnyRow(django_filters.ModelMultipleChoiceFilter):
    """Rows that belong to one of the chosen ones, which are named by their slugs; see `AnyOf`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"distinct": False} | kwargs)
