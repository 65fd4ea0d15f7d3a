"""How a definition differs from its parent: whether everything that was valid still is, proven or not."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import Containment
from msgspec import Struct

from catalog.contract.definition.definition_document import (
    ANNOTATION_MEMBERS,
    PARTS,
    SCHEMA_MEMBERS,
    SEMANTIC_MEMBERS,
    Document,
    for_source,
    named_sources,
    part_schemas,
)
from catalog.contract.definition.definition_problems import InvalidDefinition, find_compile_problems
from catalog.contract.examples.value_generation import generate_objects
from catalog.contract.json.equality import json_equal
from catalog.contract.json.pointers import ABSENT
from catalog.contract.json.text import truncate_text
from catalog.contract.schema.closed_schema import close_schema
from catalog.contract.schema.complexity_limit import exceeds_branch_combinations
from catalog.contract.schema.subschemas import ANNOTATIONS, Schema, map_subschemas, walk_schema
from catalog.contract.schema.validator import CANONICALIZATION_ERRORS, canonicalize_schema
from catalog.contract.validation.compiled_contract import OPEN_PARTS
from catalog.contract.validation.part_validator import PartValidator
from catalog.contract.versions.version_number import VersionBump


class ComparisonOutcome(StrEnum):
    """What a comparison found."""

    EQUAL = "equal"
    WORDS = "words"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    UNPROVEN = "unproven"


class Comparison(Struct, frozen=True):
    """How far a new definition is from an old one.

    `counterexample` is a payload (`{"properties": {…}}`) that the old one accepts and the new one does not,
    where one was found; `reason` says in a sentence what the outcome rests on.
    """

    outcome: ComparisonOutcome
    version_bump: VersionBump
    counterexample: dict[str, Any] | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as rows and the API keep it."""
        return {
            "outcome": self.outcome.value,
            "change": self.version_bump.value,
            "witness": self.counterexample,
            "reason": self.reason,
        }


def compare(old: Document, new: Document, *, source: str | None = None) -> Comparison:
    """Return how a new definition differs from an old one, as they hold for one source.

    - equal, no change: nothing differs.
    - words, patch: only annotations differ.
    - compatible: every valid event stays valid, which is proven; patch where no schema differs
      (but a name, kind, trigger, unit, how a value is computed, or a member that is not known), else minor.
    - breaking, major: some event is no longer valid; `counterexample` shows one.
    - unproven, major: neither was proven.

    Valid means without any violation, warnings included. Raises InvalidDefinition for a document with
    problems.
    """
    for document in (old, new):
        if found := find_compile_problems(document):
            raise InvalidDefinition(found)
    before, after = for_source(old, source), for_source(new, source)
    if json_equal(before, after):
        return Comparison(ComparisonOutcome.EQUAL, VersionBump.NONE, reason="Nothing differs.")
    stripped_before, stripped_after = _without_annotations(before), _without_annotations(after)
    if json_equal(stripped_before, stripped_after):
        return Comparison(ComparisonOutcome.WORDS, VersionBump.PATCH, reason="Only words for people differ.")
    if before.get("call", "track") != after.get("call", "track"):
        return Comparison(ComparisonOutcome.BREAKING, VersionBump.MAJOR, reason="It is sent by another call.")
    schemas_before, schemas_after = part_schemas(stripped_before), part_schemas(stripped_after)
    if json_equal(schemas_before, schemas_after):
        reason = f"The same events are valid; what differs is {_changed_members(stripped_before, stripped_after)}."
        return Comparison(ComparisonOutcome.COMPATIBLE, VersionBump.PATCH, reason=reason)
    return _most_severe(_compare_parts(schemas_before, schemas_after))


def compare_for_all_sources(old: Document, new: Document) -> Comparison:
    """Return the largest of the comparisons for each source that either document names, and for all others."""
    return _most_severe(compare(old, new, source=source) for source in (None, *named_sources(old, new)))


_OUTCOME_ORDER = (
    ComparisonOutcome.EQUAL,
    ComparisonOutcome.WORDS,
    ComparisonOutcome.COMPATIBLE,
    ComparisonOutcome.UNPROVEN,
    ComparisonOutcome.BREAKING,
)
_BUMP_ORDER = tuple(VersionBump)


def _most_severe(comparisons: Iterator[Comparison]) -> Comparison:
    return max(comparisons, key=lambda each: (_BUMP_ORDER.index(each.version_bump), _OUTCOME_ORDER.index(each.outcome)))


def _changed_members(before: Document, after: Document) -> str:
    """Return the names of the members that differ and hold no schema, those first that the catalog knows."""
    others = sorted((before.keys() | after.keys()) - {*SCHEMA_MEMBERS, *SEMANTIC_MEMBERS})
    changed = [
        member
        for member in (*SEMANTIC_MEMBERS, *others)
        if not json_equal(before.get(member, ABSENT), after.get(member, ABSENT))
    ]
    return truncate_text(", ".join(changed)) or "not about validity"


def _compare_parts(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Comparison]:
    """Yield the comparison of each part. A payload that shows a break of one is completed with valid other parts."""
    for part in PARTS:
        before, after = old.get(part), new.get(part)
        if json_equal(before, after):
            continue
        if after is None:
            reason = f"Nothing is asked of {part} any more."
            yield Comparison(ComparisonOutcome.COMPATIBLE, VersionBump.MINOR, reason=reason)
        else:
            before = {"type": "object", "additionalProperties": True} if before is None else before
            others = {name: schema for name, schema in old.items() if name != part}
            yield _compare_part(part, before, after, others)


def _compare_part(
    part: str, old: dict[str, Any], new: dict[str, Any], other_parts: dict[str, dict[str, Any]]
) -> Comparison:
    answer, schema_difference = _check_containment(part, old, new)
    if answer == Containment.YES:
        return Comparison(
            ComparisonOutcome.COMPATIBLE, VersionBump.MINOR, reason="Every event that was valid stays valid."
        )
    counterexample = _find_counterexample(part, old, new, schema_difference)
    rest = _valid_payload(other_parts)
    if counterexample is not None and rest is not None:
        reason = "An event that was valid is valid no more."
        payload = {part: counterexample} | rest
        return Comparison(ComparisonOutcome.BREAKING, VersionBump.MAJOR, counterexample=payload, reason=reason)
    if answer == Containment.NO and rest is not None:
        return Comparison(
            ComparisonOutcome.BREAKING, VersionBump.MAJOR, reason="Some event that was valid is valid no more."
        )
    reason = "Nobody could prove that every event that was valid stays valid, nor show one that does not."
    return Comparison(ComparisonOutcome.UNPROVEN, VersionBump.MAJOR, reason=reason)


def _valid_payload(parts: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """Return a valid value for each part that may not be left out, or None where none is found for one of them."""
    payload: dict[str, Any] = {}
    for part, schema in parts.items():
        validator = PartValidator(part, schema, is_open=part in OPEN_PARTS)
        if validator.accepts(None):
            continue
        value = next((value for value in generate_objects(schema) if validator.accepts(value)), None)
        if value is None:
            return None
        payload[part] = value
    return payload


def _check_containment(part: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[Containment, Schema]:
    """Return whether the new schema covers the old one, and a schema of what only the old one accepts."""
    if exceeds_branch_combinations(old) or exceeds_branch_combinations(new):
        return Containment.UNKNOWN, False
    try:
        before, after = (canonicalize_schema(_schema_of_objects(schema, part)) for schema in (old, new))
        answer = after.covers(before)
    except (*CANONICALIZATION_ERRORS, jsonschema_rs.ReferencingError):
        return Containment.UNKNOWN, False
    if answer == Containment.YES:
        return answer, False
    try:
        schema_difference = before.subtract(after).to_json_schema()
    except CANONICALIZATION_ERRORS:
        return answer, False
    return answer, schema_difference if isinstance(schema_difference, dict) else False


def _schema_of_objects(schema: dict[str, Any], part: str) -> dict[str, Any]:
    """Return what a part is validated against, narrowed to objects: a part never is anything else.

    In the closed schema nothing refers to the root itself, so that this narrows nothing inside.
    """
    if part in OPEN_PARTS:
        refers_to_root = any(isinstance(each, dict) and each.get("$ref") == "#" for _, each in walk_schema(schema))
        return schema if refers_to_root else schema | {"type": "object"}
    return close_schema(schema).schema | {"type": "object"}


def _find_counterexample(part: str, old: dict[str, Any], new: dict[str, Any], schema_difference: Schema) -> Any:
    """Return a value that the old schema accepts and the new one does not, validated by both, or None."""
    is_open = part in OPEN_PARTS
    before, after = PartValidator(part, old, is_open=is_open), PartValidator(part, new, is_open=is_open)
    for value in (*generate_objects(schema_difference), *generate_objects(old)):
        if before.accepts(value) and not after.accepts(value):
            return value
    return None


def _without_annotations(document: Document) -> Document:
    """Return a document without annotations."""
    stripped = {
        member: value for member, value in document.items() if member not in ANNOTATION_MEMBERS and value is not None
    }
    stripped.setdefault("call", "track")
    stripped.setdefault("kind", "standard")
    for member in SCHEMA_MEMBERS:
        if member in stripped:
            stripped[member] = _schema_without_annotations(stripped[member])
    return stripped


def _schema_without_annotations(schema: Schema) -> Schema:
    if not isinstance(schema, dict):
        return schema
    copy = map_subschemas(schema, lambda _, child: _schema_without_annotations(child))
    return {keyword: value for keyword, value in copy.items() if keyword not in ANNOTATIONS}
