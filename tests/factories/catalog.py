"""Sources, properties and events for tests; an event gets its version by the service that publishes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from accounts.models import User
from accounts.roles import Role
from catalog.choices import Environment, Platform, Status
from catalog.contract import fold_name
from catalog.models import Category, Event, Property, Source, Tag, Version, WriteKey
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.event_projections import update_event_status
from catalog.services.events import create_event
from catalog.services.versions import publish_version
from catalog.services.write_keys import create_key
from tests.factories.accounts import TeamFactory, person

TOTAL_SCHEMA = {"type": "number", "minimum": 0, "examples": [12.5]}


class CategoryFactory(DjangoModelFactory[Category]):
    """A category at the top."""

    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    name = Sequence(lambda number: f"Category {number}")
    slug = LazyAttribute(lambda category: category.name.lower().replace(" ", "-"))


class TagFactory(DjangoModelFactory[Tag]):
    """A tag."""

    class Meta:
        model = Tag
        django_get_or_create = ("slug",)

    name = Sequence(lambda number: f"Tag {number}")
    slug = LazyAttribute(lambda tag: tag.name.lower().replace(" ", "-"))


class SourceFactory(DjangoModelFactory[Source]):
    """A web shop of its own team, whose app version stands in the payload."""

    class Meta:
        model = Source

    slug = Sequence(lambda number: f"source-{number}")
    name = LazyAttribute(lambda source: source.slug.replace("-", " ").title())
    platform = Platform.WEB
    owner_team = SubFactory(TeamFactory)


class PropertyFactory(DjangoModelFactory[Property]):
    """A library entry that holds a text."""

    class Meta:
        model = Property

    name = Sequence(lambda number: f"property_{number}")
    folded_name = LazyAttribute(lambda entry: fold_name(entry.name))
    schema = LazyFunction(lambda: {"type": "string"})
    created_at = LazyFunction(timezone.now)
    updated_at = LazyFunction(timezone.now)


def create_write_key(source: Source, environment: Environment | str = Environment.PRODUCTION) -> WriteKey:
    """A new write key of a source."""
    return create_key(source, environment, by=User.objects.system())


def definition(name: str = "Order Completed", *, call: str = "track", **members: Any) -> dict[str, Any]:
    """A definition document with a required `total` and an optional `coupon`; `members` replace its own."""
    schema = {
        "type": "object",
        "properties": {"total": TOTAL_SCHEMA, "coupon": {"type": "string"}},
        "required": ["total"],
    }
    words = {"description": "A person has paid for an order."}
    return {"name": name, "call": call, "kind": "standard", **words, "schema": schema, **members}


def analyst(**fields: Any) -> User:
    """Somebody who approves requests for the whole company."""
    return person(Role.ANALYST, **fields)


def newest_version(event: Event) -> Version:
    """The event's newest version, as the database has it now."""
    return Version.objects.select_related("event", "parent").get(
        pk=Event.objects.values("newest_version").get(pk=event.pk)["newest_version"]
    )


def publish_next_version(
    event: Event, document: dict[str, Any], *, sources: Iterable[Source] = (), **options: Any
) -> Version:
    """The event's next version after its newest, published by the system; the event is read anew."""
    event.refresh_from_db()
    options = {"parent": event.newest_version, "by": User.objects.system()} | options
    version = publish_version(event, definition=document, sources=sources, **options)
    event.refresh_from_db()
    return version


class EventFactory(DjangoModelFactory[Event]):
    """An event with one version, published for `sources` (none) from `definition`.

    `is_live=True` binds it to its sources from the beginning, in every environment, and makes it live.
    """

    class Meta:
        model = Event

    name = Sequence(lambda number: f"Event {number}")

    @classmethod
    def _create(cls, model_class: type[Event], *args: Any, **kwargs: Any) -> Event:
        system = User.objects.system()
        sources = list(kwargs.pop("sources", ()))
        is_live = kwargs.pop("is_live", False)
        call = kwargs.get("call", "track")
        document = kwargs.pop("definition", None) or definition(kwargs["name"], call=call)
        event = create_event(by=system, **kwargs)
        version = publish_version(
            event, definition=document | {"name": event.name}, parent=None, sources=sources, by=system
        )
        if is_live:
            for source in sources:
                bind_source(event, version, source, environments=tuple(Environment), since_at=BASELINE_START, by=system)
            update_event_status(event, Status.LIVE, live_version=version, by=system)
        event.refresh_from_db()
        return event
