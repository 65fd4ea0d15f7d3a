"""Events as samples keep them, read again as contracts read them."""

from collections.abc import Mapping
from typing import Any

from catalog.contract import Event

_FIELDS = frozenset(Event.__struct_fields__) - {"parse_errors"}


def event_from_stored(stored: Mapping[str, Any], call: str) -> Event:
    """Return the event of a sample; `call` is that of the name under which it is kept, where the event says none."""
    return Event(**{"call": call} | {name: value for name, value in stored.items() if name in _FIELDS})
