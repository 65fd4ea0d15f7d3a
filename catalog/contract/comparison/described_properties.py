"""Properties that a definition describes and its parent did not know: the one exception to what a break is."""

from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import Satisfiability

from catalog.contract.schema.closed_schema import describes_object
from catalog.contract.schema.complexity_limit import exceeds_proof_limit
from catalog.contract.schema.subschemas import (
    VALIDATING_KEYWORDS,
    Schema,
    in_place_subschemas,
    resolve_reference,
    unconditional_subschemas,
    walk_schema,
)
from catalog.contract.schema.validator import CANONICALIZATION_ERRORS, canonicalize_schema, pattern_matcher

_DEFINITIONS = ("$defs", "definitions")
_MAX_DEPTH = 30
_MAX_SCHEMAS = 5_000  # past these, what is described counts as known: rather a major version too many


def described_properties(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the values in which each newly described property is absent or as the new one describes it.

    A property is newly described where its object is closed by the old schema's silence and no keyword of the old one
    speaks of that key, so that the old one calls it unknown, and where the new one describes it for every such
    object, by name. `false`, or what nothing can meet, forbids a property and does not describe it; neither
    does a rule for whatever key comes (`additionalProperties`, `patternProperties`). Objects are followed through
    `properties`, `items` and free keys that both schemas have. Without any such property: an empty dict.

    Both schemas are those of a part, normalized.
    """
    references = (each["$ref"] for _, each in walk_schema(new) if isinstance(each, dict) and "$ref" in each)
    if not all(reference.startswith(("#/$defs/", "#/definitions/")) for reference in references):
        return {}  # what is described would mean something else where only the descriptions stand
    found = _Comparer(old, new).compare(old, new, depth=0)
    if not found:
        return {}
    return found | {keyword: new[keyword] for keyword in _DEFINITIONS if keyword in new}


class _Comparer:
    def __init__(self, old_root: dict[str, Any], new_root: dict[str, Any]) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._remaining = _MAX_SCHEMAS

    def compare(self, old: Schema, new: Schema, *, depth: int) -> dict[str, Any]:
        if depth:
            old, new = _follow_reference(self._old_root, old), _follow_reference(self._new_root, new)
        self._remaining -= 1
        is_cut = depth > _MAX_DEPTH or self._remaining < 0
        if is_cut or not isinstance(old, dict) or not isinstance(new, dict):
            return {}
        is_object = not depth or describes_object(self._old_root, old)
        properties = self._newly_described(old, new) if is_object else {}
        for name, child in old.get("properties", {}).items():
            if inner := self.compare(child, new.get("properties", {}).get(name, True), depth=depth + 1):
                properties[name] = inner
        found: dict[str, Any] = {"properties": properties} if properties else {}
        for keyword, others in (
            ("items", {"prefixItems"}),
            ("additionalProperties", {"properties", "patternProperties"}),
        ):
            # Only where the keyword speaks of every item or key: it leaves those out that the others name.
            if others.isdisjoint(old) and others.isdisjoint(new):
                inner = self.compare(old.get(keyword, True), new.get(keyword, True), depth=depth + 1)
                found |= {keyword: inner} if inner else {}
        return found

    def _newly_described(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        branches = [each for each in in_place_subschemas(self._old_root, old) if isinstance(each, dict)]
        if any("additionalProperties" in each or "unevaluatedProperties" in each for each in branches):
            return {}
        known = {name for each in branches for name in each.get("properties", {})}
        patterns = [pattern for each in branches for pattern in each.get("patternProperties", {})]
        described: dict[str, Any] = {}
        for each in unconditional_subschemas(self._new_root, new):
            for name, schema in each.get("properties", {}).items():
                if name not in known and not _matches_any(name, patterns):
                    described.setdefault(name, []).append(schema)
        return {name: {"allOf": schemas} for name, schemas in described.items() if self._describes(schemas)}

    def _describes(self, schemas: list[Schema]) -> bool:
        """Tell whether some value may meet all these schemas."""
        definitions = {keyword: self._new_root[keyword] for keyword in _DEFINITIONS if keyword in self._new_root}
        together = {"allOf": schemas, **definitions}
        if exceeds_proof_limit(together):
            return True
        try:
            return canonicalize_schema(together).satisfiability() != Satisfiability.NO
        except (*CANONICALIZATION_ERRORS, jsonschema_rs.ReferencingError):
            return True


def _follow_reference(root: dict[str, Any], schema: Schema) -> Schema:
    """Return what a schema refers to where it says nothing else."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(schema, dict) or schema.keys() & VALIDATING_KEYWORDS != {"$ref"}:
            return schema
        schema = resolve_reference(root, schema["$ref"]) or True
    return True


def _matches_any(name: str, patterns: list[str]) -> bool:
    try:
        return any(pattern_matcher(pattern)(name) for pattern in patterns)
    except ValueError:
        return True
