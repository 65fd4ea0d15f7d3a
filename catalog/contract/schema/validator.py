"""The JSON Schema validator: jsonschema-rs, always with the same settings."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jsonschema_rs

from catalog.contract.schema.subschemas import walk_schema

LINEAR_TIME_REGEX = jsonschema_rs.RegexOptions(size_limit=10 * 2**20)
"""The pattern engine whose time is linear in the text; it knows no lookaround and no backreferences.

It takes no more bytes than this for a compiled pattern, and a larger one is a problem of the definition
(`invalid_pattern`). It never gives up a match; what one may take at most is bounded where a pattern is written
(`cost_limits`)."""

CANONICALIZATION_ERRORS = (ValueError, TypeError, ArithmeticError, RecursionError, MemoryError)
"""What the algebra of schemas raises where it gives up: unsupported operands, numbers that a float cannot hold."""

CHECKED_FORMATS = frozenset(
    {
        *("date", "date-time", "duration", "time"),
        *("email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6"),
        *("iri", "iri-reference", "uri", "uri-reference", "uri-template", "uuid"),
        *("json-pointer", "regex", "relative-json-pointer"),
    }
)
"""The formats that the validator checks. Any other word under `format` decides nothing."""


MAX_LISTED_NUMBERS = 1_000
"""How many numbers the enums of a schema may list before nothing is proven of it: that takes the square of them."""


def without_identifiers(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without what would name another draft or another base for its references."""
    return {keyword: value for keyword, value in schema.items() if keyword not in ("$schema", "$id")}


@lru_cache(maxsize=4096)
def pattern_matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a key matches a pattern of a valid schema, in linear time."""
    return build_validator({"pattern": pattern}).is_valid


def build_validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    """Return a validator of draft 2020-12 that checks formats and never fetches anything.

    Raises ValueError (jsonschema_rs.ValidationError is one) where the schema is not valid, and
    jsonschema_rs.ReferencingError where a reference cannot be followed.
    """
    return jsonschema_rs.Draft202012Validator(
        without_identifiers(schema), offline=True, validate_formats=True, pattern_options=LINEAR_TIME_REGEX
    )


def canonicalize_schema(schema: dict[str, Any]) -> jsonschema_rs.CanonicalSchema:
    """Return the canonical form of a schema, computed with the validator's settings.

    Raises one of CANONICALIZATION_ERRORS or jsonschema_rs.ReferencingError where it has none, or would take too long.
    """
    if _count_listed_numbers(schema) > MAX_LISTED_NUMBERS:
        raise ValueError(f"It lists more than {MAX_LISTED_NUMBERS:,} numbers.")
    return jsonschema_rs.canonicalize(
        without_identifiers(schema),
        draft=jsonschema_rs.Draft202012,
        offline=True,
        validate_formats=True,
        pattern_options=LINEAR_TIME_REGEX,
    )


def _count_listed_numbers(schema: dict[str, Any]) -> int:
    enums = (inner.get("enum", ()) for _tokens, inner in walk_schema(schema) if isinstance(inner, dict))
    return sum(isinstance(value, int | float) for values in enums for value in values)
