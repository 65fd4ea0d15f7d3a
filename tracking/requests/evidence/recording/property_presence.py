"""Which properties of a definition an event has."""

from collections.abc import Iterable
from typing import Any

from catalog.contract.json.pointers import ABSENT, parse_pointer, values_at


def present_paths(event: dict[str, Any], paths: Iterable[str]) -> list[str]:
    """Return the definition paths (`/properties/products/*/sku`) at which an event has a value; null is one."""
    return [path for path in paths if next(values_at(event, parse_pointer(path)), ABSENT) is not ABSENT]
