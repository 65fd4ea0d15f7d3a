"""What a schema may cost each value that it validates: bounds on its patterns, its branches and its subschemas.

The dictionaries of Snowplow, Wikimedia and Segment that the tests read need 121 characters for a pattern, 322 for all
of a definition, 6 branches and 232 subschemas at most.
"""

from collections.abc import Iterator
from typing import Any

from catalog.contract.schema.complexity_limit import is_applied, pattern_places
from catalog.contract.schema.pattern_size import pattern_size
from catalog.contract.schema.subschemas import (
    SCHEMA_LIST_KEYWORDS,
    Schema,
    direct_subschemas,
    resolve_reference,
    walk_schema,
)

MAX_PATTERN_SIZE = 1_000
"""How long one pattern may be, as it is written and with its counts written out. Matching takes time by this and by the
text's length: some 5 to 10 ns for each pair of them, so half a second for 80,000 characters, where a text suits the
pattern as badly as it can; where it does not, a thousandth of that."""

MAX_MATCHING = 400_000_000
"""How large a definition's largest pattern times an event's length may be: some seconds, where the texts of the event
suit the pattern as badly as they can. One of 16 MB may meet patterns of 25 characters, one of 400 KB all that there
may be."""

MAX_PATTERN_SIZES = 20_000
"""How large all patterns of a schema may be together, with counts and references written out."""

MAX_BRANCHES = 200
"""How many schemas may stand in one list, and how many patterns of keys in one schema."""

MAX_SUBSCHEMAS = 3_000
"""How many schemas may stand in one schema."""


def is_costly_pattern(pattern: str) -> bool:
    """Tell whether a valid pattern alone costs more than one may."""
    return max(len(pattern), pattern_size(pattern)) > MAX_PATTERN_SIZE


def largest_pattern(root: Schema) -> int:
    """Return how large the largest pattern of a valid schema is, 0 where it has none."""
    schemas = (schema for _, schema in walk_schema(root) if isinstance(schema, dict))
    patterns = {pattern for schema in schemas for _, pattern in pattern_places(schema)}
    return max((max(len(pattern), pattern_size(pattern)) for pattern in patterns), default=0)


def long_lists(schema: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the keywords of one valid schema that list too many schemas, with how many."""
    for keyword in sorted(SCHEMA_LIST_KEYWORDS | {"patternProperties"}):
        if len(schema.get(keyword, ())) > MAX_BRANCHES:
            yield keyword, len(schema[keyword])


def count_subschemas(root: Schema) -> int:
    """Return how many schemas stand in a schema, itself and its definitions among them."""
    return sum(1 for _ in walk_schema(root))


def sum_pattern_sizes(root: Schema) -> int:
    """Return how large the patterns of a schema without a complexity problem are, as often as references apply them."""
    total = 0
    pending: list[tuple[Schema, frozenset[str]]] = [(root, frozenset({"#"}))]
    while pending:
        schema, references = pending.pop()
        if not isinstance(schema, dict):
            continue
        total += sum(pattern_size(pattern) for _, pattern in pattern_places(schema))
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in references:
            pending.append((resolve_reference(root, reference) or True, references | {reference}))
        pending += [(child, references) for tokens, child in direct_subschemas(schema) if is_applied(tokens)]
    return total
