"""The definition document: what a version says, which schema describes which part of an event, and its hash."""

import copy
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.pointers import ANY_INDEX, parse_pointer

Document = dict[str, Any]

CALLS = ("track", "page", "screen", "identify", "group", "alias")
"""The calls of an SDK that an event can be known by."""

KINDS = ("standard", "template", "container")
"""How an event is used."""

TRAIT_CALLS = ("identify", "group")
"""Calls whose schema describes `traits` unless the document has a schema for them of its own."""

PARTS = ("properties", "traits", "context")
"""The parts of an event that a definition can have a schema for."""


def part_schemas(document: Document) -> dict[str, dict[str, Any]]:
    """Return the schema of each part of an event that a valid document describes, keyed by the part's name."""
    schemas = {
        "properties": document.get("schema"),
        "traits": document.get("traits"),
        "context": document.get("context"),
    }
    if document.get("call") in TRAIT_CALLS and schemas["traits"] is None:
        schemas["traits"], schemas["properties"] = schemas["properties"], None
    return {part: schema for part, schema in schemas.items() if schema is not None}


def main_part(document: Document) -> str:
    """Return the part that the document is mainly about: `traits` for identify and group, else `properties`."""
    return "traits" if document.get("call") in TRAIT_CALLS else "properties"


def schema_member(part: str, document: Document) -> str:
    """Return the member of the document that holds the schema of a part."""
    if part == "properties" or (part == "traits" and document.get("traits") is None):
        return "schema"
    return part


def for_source(document: Document, source: str | None) -> Document:
    """Return the document as it holds for one source, without `per_source`.

    What the source's entry lists under `required` is required there, and what it lists under `absent` is
    not part of the definition there. A property is named alone (`coupon`) or, deeper down, by its
    definition path (`/properties/products/*/sku`). A document that says nothing of the source comes back as
    it holds for all.
    """
    entry = (document.get("per_source") or {}).get(source) or {}
    result = {name: value for name, value in document.items() if name != "per_source"}
    if not entry:
        return result
    for part in PARTS:
        if (name := schema_member(part, result)) in result:
            result[name] = copy.deepcopy(result[name])
    for path in entry.get("absent", ()):
        parent, key = _parent_schema(result, path) or ({}, "")
        parent.get("properties", {}).pop(key, None)
        if key in parent.get("required", ()):
            parent["required"] = [other for other in parent["required"] if other != key]
    for path in entry.get("required", ()):
        parent, key = _parent_schema(result, path) or ({}, "")
        if key not in parent.get("required", ()):
            parent["required"] = [*parent.get("required", ()), key]
    return result


def has_property(document: Document, path: str) -> bool:
    """Tell whether a path of `per_source` names a property that the document defines."""
    parent_and_name = _parent_schema(document, path)
    return parent_and_name is not None and parent_and_name[1] in parent_and_name[0].get("properties", {})


def property_tokens(document: Document, path: str) -> list[str]:
    """Return a path of `per_source` as the part of the event and the steps from there, however it is spelled."""
    return parse_pointer(path) if path.startswith("/") else [main_part(document), path]


def _parent_schema(document: Document, path: str) -> tuple[dict[str, Any], str] | None:
    """Return the object schema that a property belongs to, and the property's name in it."""
    part, *steps = property_tokens(document, path)
    schema = part_schemas(document).get(part)
    for step in steps[:-1]:
        if not isinstance(schema, dict):
            return None
        schema = schema.get("items") if step == ANY_INDEX else schema.get("properties", {}).get(step)
    return (schema, steps[-1]) if isinstance(schema, dict) and steps else None


def definition_hash(document: Any) -> bytes:
    """Return the SHA-256 (32 bytes) of a document's canonical JSON, which identifies its content."""
    return sha256(canonical_json(document)).digest()


def named_sources(*documents: Document) -> Iterator[str]:
    """Yield each source that one of the documents has an entry for, sorted."""
    named: set[str] = set()
    for document in documents:
        named.update(document.get("per_source") or {})
    yield from sorted(named)


ANNOTATION_MEMBERS = ("title", "description", "examples")
"""Members of a document that are annotations for people."""


VENDOR_PREFIX = "x-"
"""How members begin that tools add for themselves; they are annotations, too."""


SCHEMA_MEMBERS = ("schema", "context", "traits")
"""Members of a document that hold a schema."""


SEMANTIC_MEMBERS = ("name", "kind", "trigger", "unit", "computed")
"""Members of a document that change no verdict, but what an event means: more than annotations."""


DOCUMENT_MEMBERS = frozenset({"call", "per_source", *SCHEMA_MEMBERS, *SEMANTIC_MEMBERS, *ANNOTATION_MEMBERS})
"""Every member of a document that is read."""
