"""The definition document: what a version says, which schema speaks of which part of an event, and its hash."""

import copy
import math
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from catalog.contract.json.pointers import INDEX, tokens_of

Document = dict[str, Any]

CALLS = ("track", "page", "screen", "identify", "group", "alias")
"""The calls of an SDK that an event can be known by."""

KINDS = ("standard", "template", "container")
"""How an event is used."""

TRAIT_CALLS = ("identify", "group")
"""Calls whose schema speaks of `traits` unless the document has a schema for them of its own."""

PARTS = ("properties", "traits", "context")
"""The parts of an event that a definition can have a schema for."""


def parts_of(document: Document) -> dict[str, dict[str, Any]]:
    """Return the schema of each part of an event that a valid document speaks of, keyed by the part's name."""
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


def member(part: str, document: Document) -> str:
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
        if (name := member(part, result)) in result:
            result[name] = copy.deepcopy(result[name])
    for path in entry.get("absent", ()):
        holder, key = _holder(result, path) or ({}, "")
        holder.get("properties", {}).pop(key, None)
        if key in holder.get("required", ()):
            holder["required"] = [other for other in holder["required"] if other != key]
    for path in entry.get("required", ()):
        holder, key = _holder(result, path) or ({}, "")
        if key not in holder.get("required", ()):
            holder["required"] = [*holder.get("required", ()), key]
    return result


def has_property(document: Document, path: str) -> bool:
    """Tell whether a path of `per_source` names a property that the document spells out."""
    found = _holder(document, path)
    return found is not None and found[1] in found[0].get("properties", {})


def _holder(document: Document, path: str) -> tuple[dict[str, Any], str] | None:
    """Return the object schema that a property belongs to, and the property's name in it."""
    part, *steps = tokens_of(path) if path.startswith("/") else [main_part(document), path]
    schema = parts_of(document).get(part)
    for step in steps[:-1]:
        if not isinstance(schema, dict):
            return None
        schema = schema.get("items") if step == INDEX else schema.get("properties", {}).get(step)
    return (schema, steps[-1]) if isinstance(schema, dict) and steps else None


def canonical(document: Any) -> bytes:
    """Return the one spelling of a document as JSON: members sorted, numbers in their shortest form, UTF-8.

    Two documents that a database column would not tell apart (`1e2` and `100`) are spelled alike. Expects
    a document without `problems`.
    """
    return msgspec.json.encode(_plain(document), order="sorted")


def content_hash(document: Any) -> bytes:
    """Return the 32 bytes that a document's content is known by: SHA-256 of its canonical spelling."""
    return sha256(canonical(document)).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


def sources_of(*documents: Document) -> Iterator[str]:
    """Yield each source that one of the documents has an entry for, sorted."""
    named: set[str] = set()
    for document in documents:
        named.update(document.get("per_source") or {})
    yield from sorted(named)


WORDS = ("title", "description", "examples")
"""Members of a document that are words for people."""


MEANING = ("name", "kind", "trigger", "unit", "computed")
"""Members of a document that change no verdict, but what an event means: more than words."""
