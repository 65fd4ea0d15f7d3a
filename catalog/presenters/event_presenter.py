"""The data of an event's page: properties, sources, a sample payload and how to send it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from catalog.choices import Environment
from catalog.code_snippets.snippets import Snippet, generate_snippets
from catalog.contract import PropertySummary
from catalog.models import Event, Property, Source, Version, VersionSource
from catalog.presenters.version_reading import read_example, read_properties
from catalog.services.bindings import BASELINE_START
from catalog.services.property_library import differs_from_library
from catalog.services.write_keys import current_key

PLACEHOLDER_KEY = "YOUR_WRITE_KEY"


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """A property of a version, with the library entry it came from."""

    line: PropertySummary
    library: Property | None
    differs: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that an event is defined for: which version, since when."""

    source: Source
    version: Version
    is_open: bool
    since: str


@dataclass
class EventPresenter:
    """The page's data of one version of an event; each part is computed once, when it is used."""

    event: Event
    version: Version | None
    host: str
    definition: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def for_version(cls, event: Event, version: Version | None, *, host: str) -> Self:
        """Return the presenter; `host` is the address, with its scheme, that apps send to."""
        return cls(event, version, host, version.definition if version else {})

    @cached_property
    def properties(self) -> list[PropertyRow]:
        if self.version is None:
            return []
        library = {
            row.path: row.property for row in self.version.properties.select_related("property") if row.property_id
        }
        return [
            PropertyRow(line, entry := library.get(line.path), bool(entry and differs_from_library(line, entry)))
            for line in read_properties(self.version)
        ]

    @cached_property
    def sources(self) -> list[SourceRow]:
        """The sources of the event, each with the newest version approved for it."""
        newest: dict[int, SourceRow] = {}
        starts = {
            (binding.source_id, binding.version_id): binding.since_version or _start_label(binding.since_at)
            for binding in self.event.bindings.filter(
                environment=Environment.PRODUCTION, ended_at__isnull=True
            ).order_by("-written_at", "-pk")
        }
        approved = VersionSource.objects.filter(version__event=self.event, version__withdrawn_at=None)
        rows = approved.select_related("source", "version").defer("version__definition", "version__comparison")
        for row in rows.order_by("version__major", "version__minor", "version__patch", "pk"):
            since = starts.get((row.source_id, row.version_id), "")
            newest[row.source_id] = SourceRow(row.source, row.version, row.is_open, since)
        return sorted(newest.values(), key=lambda row: row.source.name)

    @cached_property
    def example(self) -> dict[str, Any]:
        return read_example(self.version) if self.version else {}

    @cached_property
    def snippets(self) -> list[Snippet]:
        """How to send it from each language, with the development key of its first source."""
        if self.version is None:
            return []
        source = self.first_source
        payload = read_example(self.version, source.slug if source else None)
        return generate_snippets(self.definition, source, self._development_key(), host=self.host, payload=payload)

    @property
    def first_source(self) -> Source | None:
        return self.sources[0].source if self.sources else None

    def _development_key(self) -> str:
        if self.first_source is None:
            return PLACEHOLDER_KEY
        key = current_key(self.first_source, Environment.DEVELOPMENT)
        return key.key if key else PLACEHOLDER_KEY


def _start_label(at: datetime | None) -> str:
    """Return a binding's first day as people write it; a baseline has none."""
    return "the beginning" if at is None or at <= BASELINE_START else f"{at.day} {at:%b %Y}"
