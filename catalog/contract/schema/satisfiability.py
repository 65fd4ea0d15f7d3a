"""Whether any value at all meets a schema: proven by its canonical form, never guessed."""

import time
from collections.abc import Sequence
from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import Satisfiability

from catalog.contract.schema.complexity_limit import exceeds_proof_limit
from catalog.contract.schema.pattern_length import with_pattern_lengths
from catalog.contract.schema.subschemas import (
    IN_PLACE_APPLICATORS,
    Schema,
    Tokens,
    has_references,
    map_subschemas,
    resolve_reference,
    walk_schema,
)
from catalog.contract.schema.validator import CANONICALIZATION_ERRORS, build_validator, canonicalize_schema

_ROOT_NAME = "root"


class ProofBudget:
    """How much may still be proven of one definition, in schemas that a proof reads; it takes some 20 µs for each.

    What a proof takes beyond that cannot always be told before, so there is an end to the processor's time as well, far
    past what the schemas allow for: the lint of an ordinary definition says the same on any machine.
    """

    __slots__ = ("_deadline", "_remaining")

    def __init__(self, schemas: int = 20_000, seconds: float = 2.0) -> None:
        self._remaining = schemas
        self._deadline = time.thread_time() + seconds

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is proven."""
        return self._remaining < 0 or time.thread_time() > self._deadline

    def take(self, schemas: int) -> bool:
        """Take so much of the budget, and tell whether it was there."""
        self._remaining -= schemas
        return self._remaining >= 0


def is_provably_empty(root: dict[str, Any], schemas: Sequence[Schema], budget: ProofBudget) -> bool:
    """Tell whether it is proven that no value meets these schemas of `root` together. Never raises.

    False where one does, where nobody can tell, also since branches combine in too many ways, and where the budget is
    used up.
    """
    combined = _combined(root, schemas, budget)
    if combined is None or exceeds_proof_limit(combined):
        return False
    try:
        canonical = canonicalize_schema(with_pattern_lengths(combined))
        return canonical.satisfiability() == Satisfiability.NO
    except (*CANONICALIZATION_ERRORS, jsonschema_rs.ReferencingError):
        return False


def positions_not_met(
    root: dict[str, Any], schemas: Sequence[Schema], values: Sequence[Any], budget: ProofBudget
) -> list[int]:
    """Return the positions of the values that do not meet these schemas of `root` together. Never raises."""
    combined = _combined(root, schemas, budget)
    if combined is None:
        return []
    try:
        validator = build_validator(combined)
        return [position for position, value in enumerate(values) if not validator.is_valid(value)]
    except (ValueError, TypeError, OverflowError, jsonschema_rs.ReferencingError):
        return []


def _combined(root: dict[str, Any], schemas: Sequence[Schema], budget: ProofBudget) -> dict[str, Any] | None:
    """Return one schema that says what these say together, or None where the budget does not allow for it."""
    if budget.is_spent:
        return None
    schemas = [_with_plain_definitions(root, schema) for schema in schemas]
    size = sum(1 for schema in schemas for _ in walk_schema(schema))
    refers = any(has_references(schema) for schema in schemas)
    if refers:
        size += sum(1 for _ in walk_schema(root))
    if not budget.take(size):
        return None
    if len(schemas) == 1 and isinstance(schemas[0], dict) and (not refers or schemas[0] is root):
        return schemas[0]
    if not refers:
        return {"allOf": list(schemas)}
    return {
        "$defs": {_ROOT_NAME: _retargeted(root, keeps_anchors=True)},
        "allOf": [_retargeted(schema, keeps_anchors=False) for schema in schemas],
    }


def _with_plain_definitions(root: dict[str, Any], schema: Schema) -> Schema:
    """Return a schema with the definitions that it refers to for the same value, if they refer to nothing themselves.

    A proof does not look through a reference in `oneOf` or `not`.
    """
    if not isinstance(schema, dict) or not has_references(schema):
        return schema

    def child_of(tokens: Tokens, child: Schema) -> Schema:
        return _with_plain_definitions(root, child) if tokens[0] in IN_PLACE_APPLICATORS else child

    copy = map_subschemas(schema, child_of)
    target = resolve_reference(root, copy.get("$ref"))
    if not isinstance(target, dict) or has_references(target):
        return copy
    del copy["$ref"]
    plain = _retargeted(target, keeps_anchors=False)
    return copy | {"allOf": [plain, *copy.get("allOf", ())]} if copy else plain


def _retargeted(schema: Schema, *, keeps_anchors: bool) -> Schema:
    """Return a schema whose references lead into the root where it stands now."""
    if not isinstance(schema, dict):
        return schema
    copy = map_subschemas(schema, lambda _tokens, child: _retargeted(child, keeps_anchors=keeps_anchors))
    if not keeps_anchors:
        copy.pop("$anchor", None)
    copy.pop("$id", None)
    reference = copy.get("$ref")
    if isinstance(reference, str) and (reference == "#" or reference.startswith("#/")):
        copy["$ref"] = f"#/$defs/{_ROOT_NAME}{reference[1:]}"
    return copy
