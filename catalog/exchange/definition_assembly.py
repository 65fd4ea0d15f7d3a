"""Definition documents from the schemas of other tools, with everything that reads differently here noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.contract import problems as contract_problems
from catalog.contract.json.pointers import pointer
from catalog.contract.schema.subschemas import everywhere
from catalog.exchange.entry import Document, Note, Problem
from catalog.exchange.json_schema.draft_conversion import to_2020_12
from catalog.exchange.json_schema.draft_keywords import Draft
from catalog.exchange.json_schema.keyword_rewrite import judgeable
from catalog.exchange.json_schema.reference_rewriting import External


@dataclass(frozen=True, slots=True)
class Part:
    """The schema of one part of an event (its properties, context or traits) in 2020-12."""

    schema: dict[str, Any]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition document, or None with the problems that stand in its way."""

    document: Document | None
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]


def read_part(schema: Any, *, default: Draft, external: External | None = None, uri: str = "") -> Part:
    """Say the schema of one part again as a definition holds it: 2020-12, judgeable, an object at its root."""
    converted = to_2020_12(schema, default=default, external=external, uri=uri)
    if converted.problems:
        return Part({}, converted.notes, converted.problems)
    return settle(converted.schema, converted.notes)


def settle(schema: Any, notes: tuple[Note, ...] = (), *, below: str = "") -> Part:
    """The same for a schema that is in 2020-12 already; `below` is the pointer that leads to it."""
    weakened, weak_notes = judgeable(schema, below=below)
    rooted, root_notes, problems = _object_at_root(weakened, f"{below}/type")
    return Part(rooted, (*notes, *weak_notes, *root_notes), problems)


def assemble(
    *,
    name: str,
    call: str,
    schema: Part,
    context: Part | None = None,
    traits: Part | None = None,
    title: str = "",
    description: str = "",
    examples: Sequence[Any] = (),
) -> Definition:
    """Put a definition document together; parts that say nothing are left out.

    An object that does not say what other keys it may hold accepts any in JSON Schema. Here such a key is a
    warning, which leaves an event conforming. Importers do not spell out `additionalProperties: true` to
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
        return Definition(None, notes, problems)
    words = {"title": title, "description": description, "examples": list(examples)}
    document: Document = {"name": name, "call": call, "kind": "standard"}
    document |= {key: value for key, value in words.items() if value}
    document |= {key: part.schema for key, part in parts.items()}
    if found := tuple(contract_problems(document)):
        return Definition(None, notes, found)
    return Definition(document, (*notes, *_open_objects(parts)), ())


def _object_at_root(schema: Any, where: str) -> tuple[dict[str, Any], tuple[Note, ...], tuple[Problem, ...]]:
    if schema is True:
        return {"type": "object"}, (), ()
    if not isinstance(schema, dict):
        return {}, (), (Problem("", "root_not_object", "Its schema accepts nothing at all."),)
    kind = schema.get("type", "object")
    if kind == "object":
        return {"type": "object"} | schema, (), ()
    if isinstance(kind, list) and "object" in kind:
        what = f"The root may be {' or '.join(map(str, kind))}; what an event carries is always an object."
        return schema | {"type": "object"}, (Note("root_narrowed", where, what),), ()
    detail = f"The root of its schema is {kind!r}, and what an event carries is an object."
    return {}, (), (Problem(where, "root_not_object", detail),)


def _open_objects(parts: dict[str, Part]) -> tuple[Note, ...]:
    places = [f"/{key}{place}" for key, part in parts.items() for place in _open_places(part.schema)]
    if not places:
        return ()
    count = "1 object does" if len(places) == 1 else f"{len(places)} objects do"
    what = f"{count} not say which other keys may come; here an unknown key is a warning."
    return (Note("open_objects", places[0], what),)


def _open_places(root: dict[str, Any]) -> list[str]:
    return [
        pointer(steps)
        for steps, schema in everywhere(root)
        if isinstance(schema, dict)
        and ("properties" in schema or "object" in (schema.get("type"), *_several(schema.get("type"))))
        and not schema.keys() & {"additionalProperties", "unevaluatedProperties"}
    ]


def _several(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else []
