"""The properties of a definition with their types, and when two types contradict each other."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from catalog.contract.definition.definition_document import Document, part_schemas
from catalog.contract.json.pointers import ANY_INDEX, format_pointer
from catalog.contract.property_listing import MAX_DEPTH, MAX_LISTED_PROPERTIES, TypeLabels
from catalog.contract.schema.subschemas import Schema, in_place_subschemas

ANY_TYPE = "any"
LIST_OF = "array of "


class PropertyType(Struct, frozen=True, kw_only=True):
    """One property: its definition path, its name, and its type in words as `type_label` writes it."""

    path: str
    name: str
    type_label: str


def property_types(document: Document) -> list[PropertyType]:
    """Return each named property of a valid document, outer ones before inner ones, at most 2,000.

    As `list_properties`, without all that takes time.
    """
    found = (
        each
        for part, schema in part_schemas(document).items()
        for each in _below(schema, schema, f"/{part}", frozenset(), TypeLabels(schema))
    )
    return list(islice(found, MAX_LISTED_PROPERTIES))


def _below(
    root: Schema, schema: Schema, prefix: str, ancestors: frozenset[int], labels: TypeLabels
) -> Iterator[PropertyType]:
    schemas = [each for each in in_place_subschemas(root, schema) if isinstance(each, dict)]
    if len(ancestors) > MAX_DEPTH * 4 or any(id(each) in ancestors for each in schemas):
        return
    ancestors = ancestors.union(map(id, schemas))
    inner_schemas: dict[str, Any] = {}
    for each in schemas:
        for name, inner in each.get("properties", {}).items():
            inner_schemas.setdefault(name, inner)
    for name, inner in inner_schemas.items():
        path = format_pointer((name,), prefix=prefix)
        if isinstance(inner, dict):
            yield PropertyType(path=path, name=name, type_label=labels.label_of(inner))
            yield from _below(root, inner, path, ancestors, labels)
    for each in schemas:
        if isinstance(each.get("items"), dict):
            yield from _below(root, each["items"], f"{prefix}/{ANY_INDEX}", ancestors, labels)


def types_contradict(type_label: str, library_label: str) -> bool:
    """Return whether one type, in words, lets values in that the other does not; `null` is left to each event.

    A whole number is a number, and a list of anything and a list of something are no contradiction.
    """
    types, allowed = _split(type_label), _split(library_label)
    if ANY_TYPE in types or ANY_TYPE in allowed:
        return False
    return any(not _is_allowed(each, allowed) for each in types)


def _split(label: str) -> set[str]:
    return set(label.split(" or ")) - {"null"} or {ANY_TYPE}


def _is_allowed(type_name: str, allowed: set[str]) -> bool:
    if type_name in allowed or (type_name == "integer" and "number" in allowed):
        return True
    if type_name.startswith(LIST_OF):
        items = {each.removeprefix(LIST_OF) for each in allowed if each.startswith(LIST_OF)}
        return "array" in allowed or (bool(items) and _is_allowed(type_name.removeprefix(LIST_OF), items))
    return type_name == "array" and any(each.startswith(LIST_OF) for each in allowed)
