"""The schema of a Segment rule, split into standalone schemas of properties, context and traits."""

import re
from dataclasses import dataclass
from typing import Any

from catalog.contract.json.pointers import format_pointer
from catalog.contract.schema.subschemas import Tokens, map_subschemas, walk_schema
from catalog.exchange.definition_assembly import ImportedPart, normalize_part
from catalog.exchange.entry import Note, Problem
from catalog.exchange.formats.segment.nested_names import nest_path_names
from catalog.exchange.json_schema.draft_conversion import convert_to_2020_12
from catalog.exchange.json_schema.draft_keywords import ANNOTATION_KEYWORDS, Draft
from catalog.exchange.json_schema.reference_rewriting import ExternalSchemaLookup

MESSAGE_PARTS = ("properties", "traits", "context")
_SEGMENT_KEYWORDS = ("labels", "eventMetadata", "description", "title")
_ENVELOPE_KEYWORDS = ANNOTATION_KEYWORDS | {"type", "properties", "required", "$defs"}
_PART_POINTER = re.compile(r"#/properties/(properties|traits|context)(/.*)?")


@dataclass(frozen=True, slots=True)
class RuleParts:
    """What a rule says of each part of an event; a part that says nothing is missing."""

    by_name: dict[str, ImportedPart]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def split_rule(
    schema: Any, main_part: str, *, external: ExternalSchemaLookup | None = None, uri: str = ""
) -> RuleParts:
    """Split the schema of a rule by the parts of an event.

    Segment's own form is an envelope: a schema of the whole message, with the parts as its properties. Some
    exports hold the schema of the main part (`main_part`: `properties`, or `traits` for identify and group)
    directly; whatever is no envelope is read as that. `external` finds other schemas of the upload, `uri` is the
    path of the plan, from which references lead to them.
    """
    if isinstance(schema, dict):
        schema = {keyword: value for keyword, value in schema.items() if keyword not in _SEGMENT_KEYWORDS}
    converted = convert_to_2020_12(schema, default=Draft.DRAFT_07, external=external, uri=uri)
    if converted.problems:
        return RuleParts({}, converted.notes, converted.problems)
    if not _is_envelope(converted.schema):
        part = _normalize(converted.schema, "")
        return RuleParts({main_part: part} if _has_content(part) else {}, converted.notes, part.problems)
    parts: dict[str, ImportedPart] = {}
    problems: tuple[Problem, ...] = ()
    for name in MESSAGE_PARTS:
        part = _extract_part(converted.schema, name)
        problems += part.problems
        if _has_content(part):
            parts[name] = part
    return RuleParts(parts, converted.notes + _envelope_notes(converted.schema, parts), problems)


def _is_envelope(schema: Any) -> bool:
    """Whether a schema describes the whole message: its properties are parts of one, and could be objects."""
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict) or not schema["properties"]:
        return False
    return all(name in MESSAGE_PARTS and _may_be_object(child) for name, child in schema["properties"].items())


def _may_be_object(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return schema is True
    kind = schema.get("type", "object")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def _has_content(part: ImportedPart) -> bool:
    rest = {keyword: value for keyword, value in part.schema.items() if keyword != "$defs" and value not in ({}, [])}
    return bool(part.problems) or rest not in ({}, {"type": "object"})


def _normalize(schema: Any, prefix: str) -> ImportedPart:
    folded, notes = nest_path_names(schema, prefix=prefix)
    return normalize_part(folded, notes, prefix=prefix)


def _extract_part(envelope: dict[str, Any], name: str) -> ImportedPart:
    """One part of an envelope, with the definitions that it refers to."""
    schema = envelope["properties"].get(name, True)
    if isinstance(schema, bool):
        return normalize_part(schema)
    problems: list[Problem] = []
    extracted = _rebase_references(schema, name, (), problems)
    if any(isinstance(inner, dict) and "$ref" in inner for _, inner in walk_schema(extracted)):
        shared_definitions = envelope.get("$defs", {})
        own_definitions = extracted.get("$defs", {})
        extracted["$defs"] = {
            key: _rebase_references(child, name, ("$defs", key), problems) for key, child in shared_definitions.items()
        } | own_definitions
    normalized = _normalize(extracted, f"/properties/{name}")
    return ImportedPart(normalized.schema, normalized.notes, (*problems, *normalized.problems))


def _rebase_references(schema: Any, name: str, tokens: Tokens, problems: list[Problem]) -> Any:
    """A copy whose references start from the part instead of the message."""
    if not isinstance(schema, dict):
        return schema
    rebased = map_subschemas(schema, lambda steps, child: _rebase_references(child, name, (*tokens, *steps), problems))
    reference = schema.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#/$defs/"):
        match = _PART_POINTER.fullmatch(reference)
        if match and match[1] == name:
            rebased["$ref"] = "#" + (match[2] or "")
        else:
            detail = f"The reference {reference[:200]!r} leads from one part of the message into another."
            problems.append(Problem(format_pointer((*tokens, "$ref")), "lost_reference", detail))
    return rebased


def _envelope_notes(envelope: dict[str, Any], parts: dict[str, ImportedPart]) -> tuple[Note, ...]:
    """Notes for what an envelope says of the message as a whole, which no part can say."""
    notes = [
        Note(
            "outside_parts",
            format_pointer((keyword,)),
            f"`{keyword}` applies to the whole message, which is not checked.",
        )
        for keyword in envelope
        if keyword not in _ENVELOPE_KEYWORDS
    ]
    required = envelope.get("required")
    for name in required if isinstance(required, list) else ():
        if name not in parts or not parts[name].schema.get("required"):
            text = f"The message must have `{name}`; whether an empty part came at all is not checked."
            notes.append(Note("part_required", "/required", text))
    return tuple(notes)
