"""The schema of a Segment rule, taken apart: properties, context and traits, each on its own feet."""

import re
from dataclasses import dataclass
from typing import Any

from catalog.contract.json.pointers import pointer
from catalog.contract.schema.subschemas import Steps, everywhere, mapped
from catalog.exchange.definition_assembly import Part, settle
from catalog.exchange.entry import Note, Problem
from catalog.exchange.formats.segment.nested_names import fold_paths
from catalog.exchange.json_schema.draft_conversion import to_2020_12
from catalog.exchange.json_schema.draft_keywords import WORDS, Draft

PARTS = ("properties", "traits", "context")
_OWN_KEYWORDS = ("labels", "eventMetadata", "description", "title")
_UNDERSTOOD = WORDS | {"type", "properties", "required", "$defs"}
_PART_POINTER = re.compile(r"#/properties/(properties|traits|context)(/.*)?")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a rule says of each part of an event; a part that says nothing is missing."""

    found: dict[str, Part]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def parts_of_rule(schema: Any, main: str) -> Parts:
    """Take the schema of a rule apart.

    Segment's own form is an envelope: a schema of the whole message, with the parts as its properties. Some
    exports hold the schema of the main part directly (`main`: `properties`, or `traits` for identify and
    group); whatever is no envelope is read as that.
    """
    if isinstance(schema, dict):
        schema = {keyword: value for keyword, value in schema.items() if keyword not in _OWN_KEYWORDS}
    converted = to_2020_12(schema, default=Draft.DRAFT_07)
    if converted.problems:
        return Parts({}, converted.notes, converted.problems)
    if not _is_envelope(converted.schema):
        part = _settled(converted.schema, "")
        return Parts({main: part} if _says_something(part) else {}, converted.notes, part.problems)
    found: dict[str, Part] = {}
    problems: tuple[Problem, ...] = ()
    for name in PARTS:
        part = _cut_out(converted.schema, name)
        problems += part.problems
        if _says_something(part):
            found[name] = part
    return Parts(found, converted.notes + _outside(converted.schema, found), problems)


def _is_envelope(schema: Any) -> bool:
    """Whether a schema speaks of the message: its properties are parts of one, and could be objects."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict) or not schema["properties"]:
        return False
    return all(name in PARTS and _may_be_object(child) for name, child in schema["properties"].items())


def _may_be_object(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return schema is True
    kind = schema.get("type", "object")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def _says_something(part: Part) -> bool:
    rest = {keyword: value for keyword, value in part.schema.items() if keyword != "$defs" and value not in ({}, [])}
    return bool(part.problems) or rest not in ({}, {"type": "object"})


def _settled(schema: Any, below: str) -> Part:
    folded, notes = fold_paths(schema, below=below)
    return settle(folded, notes, below=below)


def _cut_out(envelope: dict[str, Any], name: str) -> Part:
    """One part of an envelope, with the definitions that it refers to."""
    schema = envelope["properties"].get(name, True)
    if isinstance(schema, bool):
        return settle(schema)
    problems: list[Problem] = []
    cut = _rebased(schema, name, (), problems)
    if any(isinstance(inner, dict) and "$ref" in inner for _, inner in everywhere(cut)):
        shared = envelope.get("$defs", {})
        own = cut.get("$defs", {})
        cut["$defs"] = {key: _rebased(child, name, ("$defs", key), problems) for key, child in shared.items()} | own
    settled = _settled(cut, f"/properties/{name}")
    return Part(settled.schema, settled.notes, (*problems, *settled.problems))


def _rebased(schema: Any, name: str, tokens: Steps, problems: list[Problem]) -> Any:
    """A copy whose references start from the part instead of the message."""
    if not isinstance(schema, dict):
        return schema
    made = mapped(schema, lambda steps, child: _rebased(child, name, (*tokens, *steps), problems))
    reference = schema.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#/$defs/"):
        found = _PART_POINTER.fullmatch(reference)
        if found and found[1] == name:
            made["$ref"] = "#" + (found[2] or "")
        else:
            detail = f"The reference {reference[:200]!r} leads from one part of the message into another."
            problems.append(Problem(pointer((*tokens, "$ref")), "lost_reference", detail))
    return made


def _outside(envelope: dict[str, Any], found: dict[str, Part]) -> tuple[Note, ...]:
    """Notes for what an envelope says of the message as a whole, which no part can say."""
    notes = [
        Note("outside_parts", pointer((keyword,)), f"`{keyword}` speaks of the whole message, which is not checked.")
        for keyword in envelope
        if keyword not in _UNDERSTOOD
    ]
    required = envelope.get("required")
    for name in required if isinstance(required, list) else ():
        if name not in found or not found[name].schema.get("required"):
            what = f"The message must have `{name}`; whether an empty part came at all is not checked."
            notes.append(Note("part_required", "/required", what))
    return tuple(notes)
