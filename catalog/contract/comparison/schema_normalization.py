"""One spelling for schemas that say the same: what only the order, the wording or a reference tells apart."""

from typing import Any

from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.equality import json_equal
from catalog.contract.schema.subschemas import (
    ANNOTATIONS,
    VALIDATING_KEYWORDS,
    Schema,
    distinct_schemas,
    map_subschemas,
    resolve_reference,
    walk_schema,
)
from catalog.contract.schema.validator import CHECKED_FORMATS

MEANINGFUL_ANNOTATIONS = frozenset({"sensitivity"})
"""Annotations that decide no verdict and yet are no mere words: the catalog acts on them."""

_MAX_REFERENCES_FOLLOWED = 20  # from one place through others; more stay references
_REFERENCE_TARGETS = frozenset({"$defs", "definitions", "$anchor"})
_KEPT_KEYWORDS = VALIDATING_KEYWORDS | MEANINGFUL_ANNOTATIONS | _REFERENCE_TARGETS


def is_annotation(keyword: str) -> bool:
    """Tell whether a keyword of a schema is nothing but words: for people, or of a vendor whose tool wrote it."""
    return keyword not in _KEPT_KEYWORDS


def normalize_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a part in one spelling, which holds for exactly the same values, closed or as written.

    Annotations go, and formats that nobody checks; what has no order is sorted (`required`, `enum`, `type`);
    `const` is an `enum` of one; a reference that stands alone is written out, unless it leads back to itself. What
    a schema says about sensitivity stays where it stands.
    """
    normalized = _Normalizer(schema).normalize()
    references = {each["$ref"] for each in distinct_schemas(normalized) if "$ref" in each}
    if not references:
        return _without_keywords(normalized, _REFERENCE_TARGETS)
    if not all(_names_definition(normalized, reference) for reference in references):
        # A reference to some place in the schema may mean another place once that is spelled otherwise.
        return _without_keywords(schema, ANNOTATIONS)
    return normalized


def without_annotations(schema: Schema) -> Any:
    """Return a schema without words for people and vendors, otherwise as it is written."""
    if not isinstance(schema, dict):
        return schema
    kept = {keyword: value for keyword, value in schema.items() if not is_annotation(keyword)}
    return map_subschemas(kept, lambda _, child: without_annotations(child))


def meaningful_annotations(schema: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return where a normalized schema carries an annotation that the catalog acts on, and what it says there."""
    return sorted(
        (*map(str, tokens), keyword, canonical_json(each[keyword]).decode())
        for tokens, each in walk_schema(schema)
        if isinstance(each, dict)
        for keyword in MEANINGFUL_ANNOTATIONS & each.keys()
    )


class _Normalizer:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._kept_reference_count = 0
        self._written_out: dict[str, Schema] = {}

    def normalize(self) -> dict[str, Any]:
        # The reference of the part itself stays: closing looks through one only below (`closed_schema`).
        return self._normalize_object(self._root, ())

    def _normalize(self, schema: Schema, active: tuple[str, ...]) -> Schema:
        if not isinstance(schema, dict):
            return schema
        normalized = self._normalize_object(schema, active)
        reference = normalized.get("$ref")
        if reference is None:
            return normalized
        is_alone = normalized.keys() - _REFERENCE_TARGETS == {"$ref"}
        target = resolve_reference(self._root, reference) if is_alone and reference not in active else None
        if target is None or len(active) >= _MAX_REFERENCES_FOLLOWED:
            self._kept_reference_count += 1
            return normalized
        return self._write_out(str(reference), target, active)

    def _write_out(self, reference: str, target: Schema, active: tuple[str, ...]) -> Schema:
        """Return what a reference names, normalized: one object for all places, unless a reference stays inside it.

        Twelve definitions that each refer twice to the next one are then twelve objects and not thousands.
        """
        if reference not in self._written_out:
            kept_before = self._kept_reference_count
            normalized = self._normalize(target, (*active, reference))
            if self._kept_reference_count > kept_before:
                return normalized  # what stays a reference depends on what led here
            self._written_out[reference] = normalized
        return self._written_out[reference]

    def _normalize_object(self, schema: dict[str, Any], active: tuple[str, ...]) -> dict[str, Any]:
        kept = {keyword: value for keyword, value in schema.items() if keyword in _KEPT_KEYWORDS}
        if kept.get("format") is not None and kept["format"] not in CHECKED_FORMATS:
            del kept["format"]
        if "const" in kept and ("enum" not in kept or _has_value(kept["enum"], kept["const"])):
            kept["enum"] = [kept.pop("const")]
        for keyword in ("required", "enum", "type"):
            if isinstance(kept.get(keyword), list):
                kept[keyword] = _sorted_values(kept[keyword])
        if isinstance(kept.get("type"), list) and len(kept["type"]) == 1:
            kept["type"] = kept["type"][0]
        return map_subschemas(kept, lambda _, child: self._normalize(child, active))


def _without_keywords(root: Schema, keywords: frozenset[str]) -> Any:
    """Return the schema without these keywords, at any depth. What is one object at several places stays one."""
    copies: dict[int, Schema] = {}

    def copy_of(schema: Schema) -> Schema:
        if not isinstance(schema, dict):
            return schema
        if id(schema) not in copies:
            kept = {keyword: value for keyword, value in schema.items() if keyword not in keywords}
            copies[id(schema)] = map_subschemas(kept, lambda _, child: copy_of(child))
        return copies[id(schema)]

    return copy_of(root)


def _names_definition(root: dict[str, Any], reference: str) -> bool:
    """Tell whether a reference names the whole schema, or a definition at its root by its name."""
    parent, _, name = reference.rpartition("/")
    if reference == "#":
        return True
    return parent in ("#/$defs", "#/definitions") and bool(name) and resolve_reference(root, reference) is not None


def _has_value(values: list[Any], value: Any) -> bool:
    return any(json_equal(each, value) for each in values)


def _sorted_values(values: list[Any]) -> list[Any]:
    """Return the values in one order, each once."""
    return list({canonical_json(value): value for value in sorted(values, key=canonical_json)}.values())
