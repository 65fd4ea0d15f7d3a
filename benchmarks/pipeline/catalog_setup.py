"""The catalog that the traffic is checked against: its sources, events, bindings and, later, open deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from benchmarks.workload.definitions import Document
from benchmarks.workload.traffic import (
    DELIVERED_IN,
    NEWER_FROM,
    SENDERS,
    has_second_version,
    second_version,
    sends,
)
from catalog.choices import Environment, Platform
from catalog.models import Event, Source
from catalog.services.bindings import bind_source
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, newest_version, publish_next_version
from tests.factories.requests import RequestFactory, TeamFixture

WATCHED = 10
"""Every so many-th event gets an open delivery."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What was made: `keys` are the write keys by the slug of their source."""

    members: TeamFixture
    sources: dict[str, Source]
    keys: dict[str, str]
    events: list[Event]


def make_catalog(definitions: Sequence[Document]) -> Setup:
    """Define the events for the sources that send them, live; some have a second version for newer apps."""
    members = TeamFixture.create()
    sources = {
        sender.slug: SourceFactory.create(
            slug=sender.slug,
            platform=Platform.WEB if sender.sdk == "browser" else Platform.SERVER,
            owner_team=members.team,
            null_handling=sender.nulls,
        )
        for sender in SENDERS
    }
    system = User.objects.system()
    events = []
    for place, document in enumerate(definitions):
        own = [sources[sender.slug] for sender in SENDERS if sends(place, sender)]
        event = EventFactory.create(
            name=document["name"], definition=document, sources=own, is_live=True, owner_team=members.team
        )
        if has_second_version(place):
            newer = publish_next_version(event, second_version(newest_version(event).definition), sources=own)
            for source in own:
                bind_source(
                    event,
                    newer,
                    source,
                    environments=[Environment.PRODUCTION],
                    since_version=NEWER_FROM,
                    by=system,
                )
        events.append(event)
    return Setup(members, sources, {slug: create_write_key(source).key for slug, source in sources.items()}, events)


def open_deliveries(setup: Setup) -> int:
    """Let every tenth event be changed by a request that is developed, so that production is watched for it.

    Returns how many deliveries are open.
    """
    count = 0
    for place in range(0, len(setup.events), WATCHED):
        event = setup.events[place]
        source = next(setup.sources[sender.slug] for sender in SENDERS if sends(place, sender))
        document = newest_version(event).definition
        schema = document["schema"]
        added = {"variant": {"type": "string", "description": "Which variant was shown.", "examples": ["a"]}}
        changed = document | {"schema": schema | {"properties": schema["properties"] | added}}
        request = RequestFactory.draft(members=setup.members, event=event, document=changed, sources=[source])
        request.submit().approve().develop(app_version=DELIVERED_IN)
        count += len(request.deliveries)
    return count
