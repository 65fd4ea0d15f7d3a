"""Why importers keep silent where a source does: its own additions stay additions here."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

from catalog.contract import VersionBump, compare
from catalog.contract.schema.subschemas import Schema, map_subschemas
from catalog.exchange.entry import Document, Entry
from tests.exchange.real_dictionaries import document_of, imported_entries


def opened(schema: Schema) -> Any:
    """The schema with `additionalProperties: true` wherever an object says nothing of other keys."""
    if not isinstance(schema, dict):
        return schema
    made = map_subschemas(schema, lambda _, child: opened(child))
    kind = made.get("type")
    if "properties" in made or kind == "object" or (isinstance(kind, list) and "object" in kind):
        made.setdefault("additionalProperties", True)
    return made


def spelled_out(document: Document) -> Document:
    return {**document, "schema": opened(document["schema"])}


def additions() -> list[tuple[Entry, Entry]]:
    """Consecutive versions whose first number, the one that both origins keep for breaks, stays."""
    versions: dict[str, list[Entry]] = defaultdict(list)
    for entry in (*imported_entries("wikimedia", "wikimedia"), *imported_entries("iglu", "iglu-central")):
        if entry.document is not None:
            versions[entry.name].append(entry)
    pairs = (pair for found in versions.values() for pair in pairwise(sorted(found, key=lambda entry: entry.sort_key)))
    return [(old, new) for old, new in pairs if old.sort_key[0] == new.sort_key[0]]


def test_additions_of_the_origins_stay_additions():
    pairs = [(document_of(old), document_of(new)) for old, new in additions()]
    silent = sum(compare(old, new).version_bump is VersionBump.MAJOR for old, new in pairs)
    spelled = sum(compare(spelled_out(old), spelled_out(new)).version_bump is VersionBump.MAJOR for old, new in pairs)
    assert len(pairs) == 157
    assert (silent, spelled) == (13, 34)
