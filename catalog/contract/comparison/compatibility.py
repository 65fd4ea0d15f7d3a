"""How a definition differs from its parent: whether everything that was valid still is, proven or not."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import Containment
from msgspec import Struct

from catalog.contract.definition.definition_document import (
    MEANING,
    PARTS,
    WORDS,
    Document,
    canonical,
    for_source,
    parts_of,
    sources_of,
)
from catalog.contract.definition.definition_problems import InvalidDefinition, problems
from catalog.contract.examples.value_generation import variants
from catalog.contract.schema.closed_schema import close
from catalog.contract.schema.subschemas import ANNOTATIONS, Schema, mapped
from catalog.contract.schema.validator import canonicalize
from catalog.contract.validation.compiled_contract import OPEN_PARTS
from catalog.contract.validation.part_validator import Part
from catalog.contract.versions.version_number import Change


class Outcome(StrEnum):
    """What a comparison found."""

    EQUAL = "equal"
    WORDS = "words"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    UNPROVEN = "unproven"


class Comparison(Struct, frozen=True):
    """How far a new definition is from an old one.

    `witness` is a payload (`{"properties": {…}}`) that the old one accepts and the new one does not, where
    one was found; `reason` says in a sentence what the outcome rests on.
    """

    outcome: Outcome
    change: Change
    witness: dict[str, Any] | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as rows and the API keep it."""
        return {
            "outcome": self.outcome.value,
            "change": self.change.value,
            "witness": self.witness,
            "reason": self.reason,
        }


def compare(old: Document, new: Document, *, source: str | None = None) -> Comparison:
    """Return how a new definition differs from an old one, as they hold for one source.

    - equal, no change: nothing differs.
    - words, patch: only annotations differ.
    - compatible: every valid event stays valid, which is proven; patch where only the meaning was put
      differently (name, kind, trigger, unit, how a value is computed), else minor.
    - breaking, major: some event is valid no more; `witness` shows one.
    - unproven, major: neither was proven.

    Valid means without any violation, warnings included. Raises InvalidDefinition for a document with
    problems.
    """
    for document in (old, new):
        if found := problems(document):
            raise InvalidDefinition(found)
    before, after = for_source(old, source), for_source(new, source)
    if canonical(before) == canonical(after):
        return Comparison(Outcome.EQUAL, Change.NONE, reason="Nothing differs.")
    bare_before, bare_after = _bare(before), _bare(after)
    if canonical(bare_before) == canonical(bare_after):
        return Comparison(Outcome.WORDS, Change.PATCH, reason="Only words for people differ.")
    if before.get("call", "track") != after.get("call", "track"):
        return Comparison(Outcome.BREAKING, Change.MAJOR, reason="It is sent by another call.")
    if canonical(_rules(bare_before)) == canonical(_rules(bare_after)):
        changed = ", ".join(member for member in MEANING if bare_before.get(member) != bare_after.get(member))
        reason = f"The same events are valid; what differs is {changed or 'not about validity'}."
        return Comparison(Outcome.COMPATIBLE, Change.PATCH, reason=reason)
    return _largest(_compare_parts(parts_of(bare_before), parts_of(bare_after)))


def compare_everywhere(old: Document, new: Document) -> Comparison:
    """Return the largest of the comparisons for each source that either document names, and for all others."""
    return _largest(compare(old, new, source=source) for source in (None, *sources_of(old, new)))


_ORDER = (Outcome.EQUAL, Outcome.WORDS, Outcome.COMPATIBLE, Outcome.UNPROVEN, Outcome.BREAKING)
_CHANGES = tuple(Change)


def _largest(comparisons: Iterator[Comparison]) -> Comparison:
    return max(comparisons, key=lambda each: (_CHANGES.index(each.change), _ORDER.index(each.outcome)))


def _compare_parts(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Comparison]:
    """Yield the comparison of each part. The parts are independent, so the largest holds for all together."""
    for part in PARTS:
        before, after = old.get(part), new.get(part)
        if before == after:
            continue
        if after is None:
            reason = f"Nothing is asked of {part} any more."
            yield Comparison(Outcome.COMPATIBLE, Change.MINOR, reason=reason)
        else:
            yield _compare_part(
                part, {"type": "object", "additionalProperties": True} if before is None else before, after
            )


def _compare_part(part: str, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    answer, rest = _ask(part, old, new)
    if answer == Containment.YES:
        return Comparison(Outcome.COMPATIBLE, Change.MINOR, reason="Every event that was valid stays valid.")
    witness = _witness(part, old, new, rest)
    if witness is not None:
        reason = "An event that was valid is valid no more."
        return Comparison(Outcome.BREAKING, Change.MAJOR, witness={part: witness}, reason=reason)
    if answer == Containment.NO:
        return Comparison(Outcome.BREAKING, Change.MAJOR, reason="Some event that was valid is valid no more.")
    reason = "Nobody could prove that every event that was valid stays valid, nor show one that does not."
    return Comparison(Outcome.UNPROVEN, Change.MAJOR, reason=reason)


def _ask(part: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[Containment, Schema]:
    """Ask the judge whether the new schema covers the old one; answer with what only the old one accepts."""
    try:
        before, after = (canonicalize(schema if part in OPEN_PARTS else close(schema).schema) for schema in (old, new))
        answer = after.covers(before)
    except (ValueError, jsonschema_rs.ReferencingError):
        return Containment.UNKNOWN, False
    if answer == Containment.YES:
        return answer, False
    try:
        rest = before.subtract(after).to_json_schema()
    except ValueError:
        return answer, False
    return answer, rest if isinstance(rest, dict) else False


def _witness(part: str, old: dict[str, Any], new: dict[str, Any], rest: Schema) -> Any:
    """Return a value that the old schema accepts and the new one does not, tried out on both, or None."""
    is_open = part in OPEN_PARTS
    before, after = Part(part, old, is_open=is_open), Part(part, new, is_open=is_open)
    for value in (*variants(rest, rest), *variants(old, old)):
        if before.accepts(value) and not after.accepts(value):
            return value
    return None


def _rules(bare: Document) -> Document:
    return {member: value for member, value in bare.items() if member not in MEANING}


def _bare(document: Document) -> Document:
    """Return what is left of a document when words for people are removed."""
    bare = {member: value for member, value in document.items() if member not in WORDS and value is not None}
    bare.setdefault("call", "track")
    bare.setdefault("kind", "standard")
    for member in ("schema", "context", "traits"):
        if member in bare:
            bare[member] = _bare_schema(bare[member])
    return bare


def _bare_schema(schema: Schema) -> Schema:
    if not isinstance(schema, dict):
        return schema
    copy = mapped(schema, lambda _, child: _bare_schema(child))
    return {keyword: value for keyword, value in copy.items() if keyword not in ANNOTATIONS}
