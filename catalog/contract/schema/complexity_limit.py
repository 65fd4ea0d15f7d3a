"""A limit on how much work a schema can make of one value, computed before any value is validated."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from catalog.contract.schema.branch_combinations import BranchCounter
from catalog.contract.schema.subschemas import (
    IN_PLACE_APPLICATORS,
    Schema,
    Tokens,
    direct_subschemas,
    distinct_schemas,
    resolve_reference,
)

MAX_EXPANDED_SCHEMAS = 20_000
"""How many subschemas a definition may have once every reference is written out."""

TOO_COMPLEX = f"Written out, its references make more than {MAX_EXPANDED_SCHEMAS:,} schemas: use fewer."
ENDLESS_RECURSION = "A reference leads back to the same value, so it says nothing: remove it."
EXPONENTIAL_RECURSION = (
    "It refers to itself from two branches for the same value, which takes exponential time: use one."
)

MAX_PROVEN_SCHEMAS = 10_000
"""How many schemas a proof may read once references are written out: two seconds. Some hundred that refer to each other
in circles become ten thousands, and nobody writes so many properties."""

MAX_PATTERN_WORK = 4_000**2
"""How long the patterns of a schema may be for a proof: the sum of their squared lengths. A proof takes time by the
square of a pattern's length, minutes for 100,000 characters, and no other thread of the process runs meanwhile."""

MAX_MUTUAL_COMPARISONS = 100
"""How many patterns of keys one schema may have for a proof, and how many negations there may be: each is held against
each other, which takes seconds for some 300."""

_NOT_APPLIED_KEYWORDS = frozenset({"$defs", "definitions", "contentSchema"})


def complexity_problem(root: Schema) -> str:
    """Return why a valid schema could keep the validator busy without end, or an empty text.

    References are written out depth first, down to where one leads back to a schema that is being written
    out. That is endless where it leads back for the same value, and exponential where two of them lead from
    one schema back to it for the same member.
    """
    # Each entry: a schema, the steps to the value that it looks at, and the references that led to it.
    pending: list[tuple[Schema, Tokens, tuple[tuple[str, int, Tokens], ...]]] = [(root, (), (("#", 0, ()),))]
    recursions: set[tuple[int, Tokens]] = set()
    expanded_count = 0
    while pending:
        schema, instance_path, references = pending.pop()
        expanded_count += 1
        if expanded_count > MAX_EXPANDED_SCHEMAS:
            return TOO_COMPLEX
        if not isinstance(schema, dict):
            continue
        reference = schema.get("$ref")
        if isinstance(reference, str):
            ancestor = next(
                (reference_entry for reference_entry in references if reference_entry[0] == reference), None
            )
            if ancestor is None:
                reference_entry = (reference, expanded_count, instance_path)
                pending.append(
                    (resolve_reference(root, reference) or True, instance_path, (*references, reference_entry))
                )
            elif ancestor[2] == instance_path:
                return ENDLESS_RECURSION
            elif (ancestor[1], instance_path) in recursions:
                return EXPONENTIAL_RECURSION
            else:
                recursions.add((ancestor[1], instance_path))
        pending += [
            (child, instance_path + _instance_tokens(tokens), references)
            for tokens, child in direct_subschemas(schema)
            if is_applied(tokens)
        ]
    return ""


def exceeds_proof_limit(root: Schema) -> bool:
    """Tell whether a proof about a valid schema would take too long.

    It holds more schemas, or its branches combine in more ways for one value, than a proof can go through, or its
    patterns and negations are too long or too many.
    """
    schemas = list(islice(distinct_schemas(root), MAX_PROVEN_SCHEMAS + 1))
    if (
        len(schemas) > MAX_PROVEN_SCHEMAS
        or sum(len(pattern) ** 2 for schema in schemas for _, pattern in pattern_places(schema)) > MAX_PATTERN_WORK
        or any(len(schema.get("patternProperties", {})) > MAX_MUTUAL_COMPARISONS for schema in schemas)
        or sum("not" in schema for schema in schemas) > MAX_MUTUAL_COMPARISONS
    ):
        return True
    counter = BranchCounter(root)
    return any(counter.exceeds_limit(schema) for schema in schemas)


def pattern_places(schema: dict[str, Any]) -> Iterator[tuple[Tokens, str]]:
    """Yield the patterns of one valid schema, not of those inside it, each with the steps to it."""
    if isinstance(pattern := schema.get("pattern"), str):
        yield ("pattern",), pattern
    for key_pattern in schema.get("patternProperties", {}):
        yield ("patternProperties", key_pattern), key_pattern


def is_applied(tokens: Tokens) -> bool:
    """Tell whether a subschema, reached by these steps, is one that values are held against."""
    return tokens[0] not in _NOT_APPLIED_KEYWORDS


def _instance_tokens(tokens: Tokens) -> Tokens:
    """Return the step from a value to the one that a subschema looks at."""
    keyword: Any = tokens[0]
    if keyword in IN_PLACE_APPLICATORS or keyword == "dependentSchemas":
        return ()
    if keyword == "properties":
        return (f"/{tokens[1]}",)
    return ("*",)  # an item, or a member that may bear any name
