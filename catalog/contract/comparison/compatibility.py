"""How a definition differs from its parent: whether what passed still passes, proven or not.

Two readings of a schema decide. Its *closed* reading accepts the events that are valid: without any violation, so
without an unknown property. The schema *as written* accepts those that conform: unknown properties are warnings, where
it does not refuse them. What the closed reading accepts, the other does. So four sets matter, of the old
definition and of the new one, and a version is major unless both of these are proven by the canonical forms:

1. closed(old) within closed(new): no event that was valid has a violation now.
2. written(old) and described within written(new), where *described* holds for the events in which each property
   that the old one called unknown, and the new one describes by its name, is absent or as described
   (`described_properties`).

Sound: let an event conform before and not now, and the version not be major. By 2 the event is not in *described*, so
it carries a property that the old definition called unknown, with a value that does not fit its new description. That
is the one exception, and whoever sends it was warned before. An event that fails now for any other reason (a key that
the new one forbids, a rule for whatever key comes, a property that is required now) would be in *described* and break
2. Where the canonical forms cannot tell, the version is major, too, and said to be unproven.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

from jsonschema_rs.canonical import Containment
from msgspec import Struct, structs

from catalog.contract.comparison.containment import check_containment, is_covered
from catalog.contract.comparison.described_properties import described_properties
from catalog.contract.comparison.schema_normalization import (
    meaningful_annotations,
    normalize_schema,
    without_annotations,
)
from catalog.contract.comparison.unknown_keys import values_with_unknown_keys
from catalog.contract.definition.definition_document import (
    ANNOTATION_MEMBERS,
    PARTS,
    SCHEMA_MEMBERS,
    SEMANTIC_MEMBERS,
    VENDOR_PREFIX,
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
from catalog.contract.property_listing import list_properties
from catalog.contract.schema.closed_schema import close_schema
from catalog.contract.schema.subschemas import Schema, distinct_schemas
from catalog.contract.schema.validator import build_validator
from catalog.contract.validation.compiled_contract import OPEN_PARTS
from catalog.contract.validation.part_validator import PartValidator
from catalog.contract.versions.version_number import VersionBump

MAX_SEARCH_SECONDS = 3.0
"""How long a counterexample is looked for, in the processor's time, which a busy machine does not shorten. Time and
not steps, since what one value takes depends on how it suits the patterns; without one, the version is major all the
same."""


class ComparisonOutcome(StrEnum):
    """What a comparison found."""

    EQUAL = "equal"
    WORDS = "words"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    UNPROVEN = "unproven"


class Comparison(Struct, frozen=True):
    """How far a new definition is from an old one.

    `counterexample` is a payload (`{"properties": {…}}`) that was valid and is not, or that conformed and does not,
    where one was found; `reason` says in a sentence what the outcome rests on. `keeps_valid` tells whether
    every event that was valid is proven to stay valid, which may be so though some conforming one no longer conforms.
    """

    outcome: ComparisonOutcome
    version_bump: VersionBump
    counterexample: dict[str, Any] | None = None
    reason: str = ""
    keeps_valid: bool = True

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
    - words, patch: only annotations differ, or what is written otherwise and says the same of every event.
    - compatible: every valid event stays valid, and every conforming one conforms but for properties that were unknown
      so far and are described now; that is proven. Patch where no schema says anything else (but a name, kind, trigger,
      unit, how a value is computed, or a member that is not known), else minor.
    - breaking, major: some event that was valid no longer is, or some event that conformed no longer does;
      `counterexample` shows one.
    - unproven, major: neither was proven.

    Valid means without any violation, warnings included; conforming, without an error. How `null` is read for
    an optional property is no part of a definition and changes no comparison. Raises InvalidDefinition for a document
    with problems.
    """
    for document in (old, new):
        if found := find_compile_problems(document):
            raise InvalidDefinition(found)
    before, after = for_source(old, source), for_source(new, source)
    if json_equal(before, after):
        return Comparison(ComparisonOutcome.EQUAL, VersionBump.NONE, reason="Nothing differs.")
    if json_equal(_without_annotations(before), _without_annotations(after)):
        return Comparison(ComparisonOutcome.WORDS, VersionBump.PATCH, reason="Only words for people differ.")
    normalized_before, normalized_after = _normalize(before), _normalize(after)
    if normalized_before["call"] != normalized_after["call"]:
        reason = "It is sent by another call."
        return Comparison(ComparisonOutcome.BREAKING, VersionBump.MAJOR, reason=reason, keeps_valid=False)
    changed_members = _changed_members(normalized_before, normalized_after)
    schemas_before, schemas_after = part_schemas(normalized_before), part_schemas(normalized_after)
    if json_equal(schemas_before, schemas_after) or _says_the_same(normalized_before, normalized_after):
        if changed_members:
            reason = f"The same events are valid; what differs is {truncate_text(', '.join(changed_members))}."
            return Comparison(ComparisonOutcome.COMPATIBLE, VersionBump.PATCH, reason=reason)
        reason = "It is written otherwise and says the same of every event."
        return Comparison(ComparisonOutcome.WORDS, VersionBump.PATCH, reason=reason)
    return _most_severe(_compare_parts(schemas_before, schemas_after))


def compare_for_all_sources(old: Document, new: Document) -> Comparison:
    """Return the largest of the comparisons for each source that either document names, and for all others."""
    return _most_severe(compare(old, new, source=source) for source in (None, *named_sources(old, new)))


_ANYTHING: dict[str, Any] = {"type": "object", "additionalProperties": True}
"""What a definition says of a part that it does not describe."""

_NOTHING_STOPS_CONFORMING = "Every event that was valid stays valid, and what conforms goes on conforming."
_EXCEPTION = (
    "It describes properties that were unknown so far: an event that already sends one of them otherwise than "
    "described had a warning and would no longer conform."
)
_OUTCOME_ORDER = (
    ComparisonOutcome.EQUAL,
    ComparisonOutcome.WORDS,
    ComparisonOutcome.COMPATIBLE,
    ComparisonOutcome.UNPROVEN,
    ComparisonOutcome.BREAKING,
)
_BUMP_ORDER = tuple(VersionBump)


def _most_severe(comparisons: Iterator[Comparison]) -> Comparison:
    """Return the most severe of some comparisons, which keeps valid events valid only if all of them do."""
    found = list(comparisons)
    most = max(
        found,
        key=lambda each: (
            _BUMP_ORDER.index(each.version_bump),
            _OUTCOME_ORDER.index(each.outcome),
            not each.keeps_valid,
        ),
    )
    return structs.replace(most, keeps_valid=all(each.keeps_valid for each in found))


def _changed_members(before: Document, after: Document) -> list[str]:
    """Return the names of the members that differ and hold no schema, those first that the catalog knows."""
    others = sorted((before.keys() | after.keys()) - {*SCHEMA_MEMBERS, *SEMANTIC_MEMBERS})
    return [
        member
        for member in (*SEMANTIC_MEMBERS, *others)
        if not json_equal(before.get(member, ABSENT), after.get(member, ABSENT))
    ]


def _says_the_same(before: Document, after: Document) -> bool:
    """Tell whether two normalized documents are proven to give each event the same verdict and the same validity.

    They must list the same properties, too, and say the same of their sensitivity: these are no words.
    """
    schemas_before, schemas_after = part_schemas(before), part_schemas(after)
    for part in PARTS:
        old, new = schemas_before.get(part, _ANYTHING), schemas_after.get(part, _ANYTHING)
        if json_equal(old, new):
            continue
        if _property_names(old) != _property_names(new) or meaningful_annotations(old) != meaningful_annotations(new):
            return False
        if not (_is_proven_within(part, old, new) and _is_proven_within(part, new, old)):
            return False
    lines_before, lines_after = (
        {(line.path, line.is_required) for line in list_properties(document, with_examples=False)}
        for document in (before, after)
    )
    return lines_before == lines_after


def _property_names(schema: dict[str, Any]) -> set[str]:
    return {name for each in distinct_schemas(schema) for name in each.get("properties", {})}


def _is_proven_within(part: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether the new schema of a part is proven to accept whatever the old one does, in both readings."""
    if not is_covered(_written(old), _written(new)):
        return False
    return part in OPEN_PARTS or is_covered(_closed(old), _closed(new))


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
            others = {name: schema for name, schema in old.items() if name != part}
            yield _compare_part(part, _ANYTHING if before is None else before, after, others)


def _compare_part(
    part: str, old: dict[str, Any], new: dict[str, Any], other_parts: dict[str, dict[str, Any]]
) -> Comparison:
    if part in OPEN_PARTS:  # nothing is unknown there, so what conforms is valid
        found = _compare_written(part, old, new, {}, other_parts)
        return structs.replace(found, keeps_valid=found.outcome is ComparisonOutcome.COMPATIBLE)
    answer, schema_difference = check_containment(_closed(old), _closed(new))
    if answer == Containment.YES:
        return _compare_written(part, old, new, described_properties(old, new), other_parts)
    before, after = (PartValidator(part, schema, is_open=False).accepts for schema in (old, new))
    counterexample = _find_counterexample(before, after, schema_difference, old)
    reason = "An event that was valid is valid no more."
    found = _breaking_or_unproven(part, answer, counterexample, other_parts, reason=reason)
    return structs.replace(found, keeps_valid=False)


def _compare_written(
    part: str,
    old: dict[str, Any],
    new: dict[str, Any],
    described: dict[str, Any],
    other_parts: dict[str, dict[str, Any]],
) -> Comparison:
    """Return whether whatever conformed to the old schema and is as described conforms to the new one."""
    answer, schema_difference = check_containment(_written(old), _written(new))
    if answer != Containment.YES and described:
        restricted, restricted_difference = check_containment(_written(old), _written(new), within=described)
        if restricted == Containment.YES:
            return Comparison(ComparisonOutcome.COMPATIBLE, VersionBump.MINOR, reason=_EXCEPTION)
        answer, schema_difference = restricted, restricted_difference
    if answer == Containment.YES:
        return Comparison(ComparisonOutcome.COMPATIBLE, VersionBump.MINOR, reason=_NOTHING_STOPS_CONFORMING)
    validators = [PartValidator(part, schema, is_open=True) for schema in (old, new)]
    is_described = build_validator(described).is_valid

    def conformed(value: Any) -> bool:
        return validators[0].accepts(value) and is_described(value)

    counterexample = _find_counterexample(conformed, validators[1].accepts, schema_difference, old)
    if counterexample is None:
        with_unknown_keys = values_with_unknown_keys(old, new)
        counterexample = _first_failing(with_unknown_keys, conformed, validators[1].accepts)
    reason = "An event that was valid is valid no more." if part in OPEN_PARTS else "An event that conformed would not."
    return _breaking_or_unproven(part, answer, counterexample, other_parts, reason=reason)


def _breaking_or_unproven(
    part: str,
    answer: Containment,
    counterexample: Any,
    other_parts: dict[str, dict[str, Any]],
    *,
    reason: str,
) -> Comparison:
    rest = _valid_payload(other_parts)
    if counterexample is not None and rest is not None:
        payload = {part: counterexample} | rest
        return Comparison(ComparisonOutcome.BREAKING, VersionBump.MAJOR, counterexample=payload, reason=reason)
    if answer == Containment.NO and rest is not None:
        return Comparison(ComparisonOutcome.BREAKING, VersionBump.MAJOR, reason=reason)
    reason = "Nobody could prove that every event that passed still does, nor show one that does not."
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


def _written(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a part as the validator holds it against one: what is no object never conforms."""
    return schema if _refers_to_root(schema) else _narrow_to_objects(schema)


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    return _narrow_to_objects(close_schema(schema).schema)  # in which nothing refers to the root


def _narrow_to_objects(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"type": "object"} if "object" in schema.get("type", "object") else schema


def _refers_to_root(schema: dict[str, Any]) -> bool:
    return any(each.get("$ref") == "#" for each in distinct_schemas(schema))


def _find_counterexample(
    passed: Callable[[Any], bool], passes: Callable[[Any], bool], schema_difference: Schema, old: dict[str, Any]
) -> Any:
    """Return a value that passed before and passes no more, or None where none is found in time."""
    schemas = (schema_difference, old)
    return _first_failing((value for schema in schemas for value in generate_objects(schema)), passed, passes)


def _first_failing(values: Iterable[Any], passed: Callable[[Any], bool], passes: Callable[[Any], bool]) -> Any:
    """Return the first value that passed before and passes no more, or None where none is found in time."""
    deadline = time.thread_time() + MAX_SEARCH_SECONDS
    for value in values:
        if time.thread_time() > deadline:
            return None
        if passed(value) and not passes(value):
            return value
    return None


def _without_annotations(document: Document) -> Document:
    """Return a document without annotations, its schemas otherwise as they are written."""
    return _with_schemas(document, without_annotations)


def _normalize(document: Document) -> Document:
    """Return a document without annotations, its schemas in the one spelling of what they say."""
    return _with_schemas(document, normalize_schema)


def _with_schemas(document: Document, transform: Callable[[dict[str, Any]], dict[str, Any]]) -> Document:
    kept = {
        member: transform(value) if member in SCHEMA_MEMBERS else value
        for member, value in document.items()
        if value is not None and member not in ANNOTATION_MEMBERS and not member.startswith(VENDOR_PREFIX)
    }
    return {"call": "track", "kind": "standard"} | kept
