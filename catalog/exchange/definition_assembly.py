"""Definition documents from the schemas of other tools, with a note on everything that means something else here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import Authorship, lint_definition
from catalog.contract import find_problems as contract_problems
from catalog.contract.json.pointers import format_pointer
from catalog.contract.schema.subschemas import walk_schema
from catalog.exchange.entry import Document, Note, Problem
from catalog.exchange.json_schema.draft_conversion import convert_to_2020_12
from catalog.exchange.json_schema.draft_keywords import Draft
from catalog.exchange.json_schema.keyword_rewrite import rewrite_unsupported_keywords
from catalog.exchange.json_schema.reference_rewriting import ExternalSchemaLookup


@dataclass(frozen=True, slots=True)
class ImportedPart:
    """The schema of one part of an event (its properties, context or traits) in 2020-12."""

    schema: dict[str, Any]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AssembledDefinition:
    """A definition document, or None with the problems that prevent it."""

    document: Document | None
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]


def convert_part(
    schema: Any, *, default: Draft, external: ExternalSchemaLookup | None = None, uri: str = ""
) -> ImportedPart:
    """Convert the schema of one part to what a definition holds: 2020-12, supported keywords, an object at its root."""
    converted = convert_to_2020_12(schema, default=default, external=external, uri=uri)
    if converted.problems:
        return ImportedPart({}, converted.notes, converted.problems)
    return normalize_part(converted.schema, converted.notes)


def normalize_part(schema: Any, notes: tuple[Note, ...] = (), *, prefix: str = "") -> ImportedPart:
    """Convert a schema that is in 2020-12 already to what a definition holds; `prefix` is the pointer to it."""
    rewritten, rewrite_notes = rewrite_unsupported_keywords(schema, prefix=prefix)
    rooted, root_notes, problems = _require_object_root(rewritten, f"{prefix}/type")
    return ImportedPart(rooted, (*notes, *rewrite_notes, *root_notes), problems)


def assemble_definition(
    *,
    name: str,
    call: str,
    schema: ImportedPart,
    context: ImportedPart | None = None,
    traits: ImportedPart | None = None,
    title: str = "",
    description: str = "",
    examples: Sequence[Any] = (),
) -> AssembledDefinition:
    """Assemble a definition document; empty parts are left out.

    An object that does not say what other keys it may hold accepts any in JSON Schema. Here such a key is a
    warning, which leaves an event conforming. Importers do not add `additionalProperties: true` to
    keep the silence: every added property would become a breaking change. Of 157 consecutive versions that
    Wikimedia and Iglu themselves publish as additions or patches, 11 are numbered as breaking this way and
    33 the other. One note an entry says so.
    """
    named = {"schema": schema, "context": context, "traits": traits}
    parts = {key: part for key, part in named.items() if part is not None and (key == "schema" or part.schema)}
    notes = tuple(note for part in parts.values() for note in part.notes)
    problems = tuple(problem for part in parts.values() for problem in part.problems)
    if not name:
        problems = (*problems, Problem("", "no_name", "It has no name. Give it one in its source."))
    if problems:
        return AssembledDefinition(None, notes, problems)
    annotations = {"title": title, "description": description, "examples": list(examples)}
    document: Document = {"name": name, "call": call, "kind": "standard"}
    document |= {key: value for key, value in annotations.items() if value}
    document |= {key: part.schema for key, part in parts.items()}
    if definition_problems := tuple(contract_problems(document)):
        return AssembledDefinition(None, notes, definition_problems)
    return AssembledDefinition(document, (*notes, *_open_object_notes(parts), *_lint_notes(document)), ())


def _lint_notes(document: Document) -> list[Note]:
    """Return what the lint finds, as notes: what a vendor wrote is taken as it is."""
    issues = lint_definition(document, authorship=Authorship.IMPORTER)
    return [Note(issue.code, issue.path, issue.sentence) for issue in issues]


def _require_object_root(
    schema: Any, type_pointer: str
) -> tuple[dict[str, Any], tuple[Note, ...], tuple[Problem, ...]]:
    if schema is True:
        return {"type": "object"}, (), ()
    if not isinstance(schema, dict):
        return {}, (), (Problem("", "root_not_object", "Its schema accepts nothing at all."),)
    json_type = schema.get("type", "object")
    if json_type == "object":
        return {"type": "object"} | schema, (), ()
    if isinstance(json_type, list) and "object" in json_type:
        what = f"The root may be {' or '.join(map(str, json_type))}; what an event carries is always an object."
        return schema | {"type": "object"}, (Note("root_narrowed", type_pointer, what),), ()
    detail = f"The root of its schema is {json_type!r}, and what an event carries is an object."
    return {}, (), (Problem(type_pointer, "root_not_object", detail),)


def _open_object_notes(parts: dict[str, ImportedPart]) -> tuple[Note, ...]:
    places = [f"/{key}{place}" for key, part in parts.items() for place in _open_object_pointers(part.schema)]
    if not places:
        return ()
    count = "1 object does" if len(places) == 1 else f"{len(places)} objects do"
    what = f"{count} not say which other keys may come; here an unknown key is a warning."
    return (Note("open_objects", places[0], what),)


def _open_object_pointers(root: dict[str, Any]) -> list[str]:
    return [
        format_pointer(steps)
        for steps, schema in walk_schema(root)
        if isinstance(schema, dict)
        and ("properties" in schema or "object" in (schema.get("type"), *_as_list(schema.get("type"))))
        and not schema.keys() & {"additionalProperties", "unevaluatedProperties"}
    ]


def _as_list(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else []
