"""Whether a schema accepts whatever another one does: proven by their canonical forms, where that ends soon."""

from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import Containment

from catalog.contract.comparison.free_keys import name_free_keys
from catalog.contract.comparison.shared_properties import without_shared_properties
from catalog.contract.schema.branch_combinations import BranchCounter
from catalog.contract.schema.complexity_limit import exceeds_proof_limit
from catalog.contract.schema.subschemas import Schema, distinct_schemas, has_references, in_place_subschemas
from catalog.contract.schema.validator import CANONICALIZATION_ERRORS, canonicalize_schema

MAX_COVERING_EFFORT = 40_000
"""How much a proof may take where branches stand beside properties: the square of these times the ways to meet them.

Half a second for 100 properties beside four branches, or for 40 beside 24; five seconds for 200 beside four.
"""

MAX_PATTERN_PAIRS = 300
"""How many pairs of a property and a pattern for keys one object may have: half a second; three for 2,000."""

MAX_SUBTRACTED_NAMES = 8
"""How many properties may stand beside branches for a difference to be computed: a second for ten, minutes for twelve.

What only the old schema accepts is then looked for among what the old one does.
"""


def check_containment(
    old: dict[str, Any], new: dict[str, Any], *, within: dict[str, Any] | None = None
) -> tuple[Containment, Schema]:
    """Return whether the new schema covers the old one, and a schema of what only the old one accepts.

    With `within`, of the old one only what that schema accepts, too. The answer is UNKNOWN where a proof would take too
    long; the schema is False where there is none.
    """
    old = name_free_keys(old, new)
    before_and_after = without_shared_properties(old, new, within or {})
    schemas = (*before_and_after, within or {})
    if any(exceeds_proof_limit(each) or _exceeds_covering_effort(each) for each in schemas):
        return Containment.UNKNOWN, False
    try:
        before, after = map(canonicalize_schema, before_and_after)
        if within:
            before = before.intersect(canonicalize_schema(within))
        answer = after.covers(before)
    except (*CANONICALIZATION_ERRORS, jsonschema_rs.ReferencingError):
        return Containment.UNKNOWN, False
    if answer == Containment.YES or any(_has_branches_beside_many_properties(each) for each in schemas):
        return answer, False
    try:
        schema_difference = before.subtract(after).to_json_schema()
    except CANONICALIZATION_ERRORS:
        return answer, False
    return answer, _with_properties(schema_difference, old) if isinstance(schema_difference, dict) else False


def is_covered(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether the new schema is proven to cover the old one."""
    schemas = without_shared_properties(name_free_keys(old, new), new, {})
    if any(exceeds_proof_limit(each) or _exceeds_covering_effort(each) for each in schemas):
        return False
    try:
        before, after = map(canonicalize_schema, schemas)
        return after.covers(before) == Containment.YES
    except (*CANONICALIZATION_ERRORS, jsonschema_rs.ReferencingError):
        return False


def _with_properties(schema_difference: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return a difference with the properties of the old schema of which it is silent: its values may have them."""
    properties = {name: each for name, each in old.get("properties", {}).items() if not has_references(each)}
    return schema_difference | {"properties": properties | schema_difference.get("properties", {})}


def _exceeds_covering_effort(root: dict[str, Any]) -> bool:
    counter = BranchCounter(root)
    for schema in distinct_schemas(root):
        names, patterns = _count_keys(root, schema)
        ways = counter.count_ways(schema)
        if names * patterns > MAX_PATTERN_PAIRS or (ways > 1 and names**2 * ways > MAX_COVERING_EFFORT):
            return True
    return False


def _has_branches_beside_many_properties(root: dict[str, Any]) -> bool:
    counter = BranchCounter(root)
    return any(
        counter.count_ways(schema) > 1 and sum(_count_keys(root, schema)) > MAX_SUBTRACTED_NAMES
        for schema in distinct_schemas(root)
    )


def _count_keys(root: dict[str, Any], schema: Schema) -> tuple[int, int]:
    """Return how many properties a schema with its branches names, and how many patterns for keys it has."""
    names: set[str] = set()
    patterns: set[str] = set()
    for each in in_place_subschemas(root, schema):
        names.update(each.get("properties", ()), each.get("required", ()))
        patterns.update(each.get("patternProperties", ()))
    return len(names), len(patterns)
