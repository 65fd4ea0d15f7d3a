"""A definition as it holds on its sources: what `per_source` makes of it is linted, too."""

from collections import defaultdict
from collections.abc import Iterator

from catalog.contract.definition.definition_document import Document, for_source, named_sources
from catalog.contract.json.canonical_json import canonical_json

MAX_VARIANT_SCHEMAS = 10_000
"""How many schemas are looked at in the variants of one definition together, which takes a second. A variant past it is
looked at for all sources alone; the first never is.
"""

MAX_SOURCES_NAMED = 5


def source_variants(document: Document, schema_count: int) -> Iterator[tuple[tuple[str, ...], Document]]:
    """Yield each document that `per_source` makes of a valid one, with the sources on which it holds, sorted.

    Sources with the same entry share a variant. Of a document with many schemas (`schema_count`) the first
    variants come alone.
    """
    sources_by_entry: dict[bytes, list[str]] = defaultdict(list)
    for source in named_sources(document):
        sources_by_entry[canonical_json(document["per_source"][source])].append(source)
    limit = max(1, MAX_VARIANT_SCHEMAS // max(1, schema_count))
    for sources in list(sources_by_entry.values())[:limit]:
        yield tuple(sources), for_source(document, sources[0])


def name_sources(sources: tuple[str, ...]) -> str:
    """Return sources as a sentence names them; of many the first."""
    if len(sources) == 1:
        return sources[0]
    if len(sources) > MAX_SOURCES_NAMED:
        return f"{', '.join(sources[:MAX_SOURCES_NAMED])} and {len(sources) - MAX_SOURCES_NAMED} more"
    return f"{', '.join(sources[:-1])} and {sources[-1]}"
