"""Addresses of the same page with something else chosen: filters, order and page live in the query string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict


def query_with(query: QueryDict, changes: Mapping[str, Any]) -> str:
    """`query` with `changes`, as "?a=1&b=2". None or "" drops a key, a list sets all its values.

    Whatever changes but the page itself leads back to the first page. An empty query is "?".
    """
    changed = query.copy()
    if "page" not in changes:
        changed.pop("page", None)
    for key, value in changes.items():
        changed.pop(key, None)
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if item is not None and item != "":
                changed.appendlist(key, str(item))
    return f"?{changed.urlencode()}"


def query_without(query: QueryDict, key: str, value: str) -> str:
    """`query` without one value of one key, on its first page."""
    return query_with(query, {key: [one for one in query.getlist(key) if one != value]})
