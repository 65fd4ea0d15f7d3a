"""What is read out of a definition for pages: its properties, and an example. Kept by content, which never changes."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from catalog.contract import PropertySummary, example_payload, list_properties, named_sources
from catalog.models import Version

MAX_REMEMBERED = 500
"""How many definitions a process remembers the reading of: the most recently shown ones."""


@dataclass(frozen=True, slots=True)
class _HashedDefinition:
    """A definition that is told from others by the hash of its content."""

    content_hash: bytes
    document: dict[str, Any] = field(compare=False)


def read_properties(version: Version) -> tuple[PropertySummary, ...]:
    """Return a line for each property, without examples, by path: nested properties follow the one that contains them.

    They are shared by all who ask, and nobody changes them.
    """
    return _properties(_HashedDefinition(bytes(version.content_hash), version.definition))


def read_example(version: Version, source_slug: str | None = None) -> dict[str, Any]:
    """Return a payload that conforms on a source, or {} where none was found: see `example_payload`. It is shared."""
    named = source_slug if source_slug in set(named_sources(version.definition)) else None
    return _example(_HashedDefinition(bytes(version.content_hash), version.definition), named)


@lru_cache(MAX_REMEMBERED)
def _properties(definition: _HashedDefinition) -> tuple[PropertySummary, ...]:
    # JSONB has no order of keys.
    return tuple(
        sorted(list_properties(definition.document, with_examples=False), key=lambda line: line.path.split("/"))
    )


@lru_cache(MAX_REMEMBERED)
def _example(definition: _HashedDefinition, source_slug: str | None) -> dict[str, Any]:
    return example_payload(definition.document, source=source_slug)
