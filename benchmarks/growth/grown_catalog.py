"""A catalog that grows: events by the services that make them, bound in production alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Team, User
from benchmarks.workload.definitions import Document
from catalog.choices import Environment, Status
from catalog.models import Source
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.event_projections import update_event_status
from catalog.services.events import create_event
from catalog.services.versions import publish_version
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import SourceFactory


@dataclass(slots=True)
class GrownCatalog:
    """Makes what is missing, and leaves what is there."""

    team: Team = field(default_factory=lambda: TeamFactory.create())
    sources: dict[str, Source] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def source(self, slug: str) -> Source:
        """Return the source of that slug."""
        if slug not in self.sources:
            self.sources[slug] = SourceFactory.create(slug=slug, owner_team=self.team)
        return self.sources[slug]

    def define(self, definitions: Sequence[Document], sources: Sequence[Source]) -> Sequence[Document]:
        """Define events, live on these sources, and return the definitions."""
        system = User.objects.system()
        for document in definitions:
            if document["name"] in self._names:
                continue
            self._names.add(document["name"])
            event = create_event(name=document["name"], owner_team=self.team, by=system)
            version = publish_version(event, definition=document, parent=None, sources=sources, by=system)
            for source in sources:
                bind_source(
                    event,
                    version,
                    source,
                    environments=[Environment.PRODUCTION],
                    since_at=BASELINE_START,
                    by=system,
                )
            update_event_status(event, Status.LIVE, live_version=version, by=system)
        return definitions
