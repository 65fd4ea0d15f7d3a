"""The one spelling of a JSON value: two values are spelled alike exactly where `json_equal` holds."""

from typing import Any

import msgspec

from catalog.contract.json.equality import shortest_number


def canonical_json(value: Any) -> bytes:
    """Return a value as JSON: members sorted, numbers in their shortest form, UTF-8.

    Two documents that a database column would not tell apart (`1e2` and `100`) are spelled alike. Expects
    a value that can be stored, as documents without problems and what `sanitize` returns are.
    """
    return msgspec.json.encode(_normalize_numbers(value), order="sorted")


def _normalize_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _normalize_numbers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_normalize_numbers(item) for item in value]
    return shortest_number(value) if isinstance(value, float) else value
