"""The dictionary that the company had before: its library and events, taken over as they stood."""

from datetime import datetime

from accounts.models import User
from catalog.choices import Environment, OwnerRole
from catalog.models import Category, Event, Tag
from catalog.services.bindings import BEGINNING, bind
from catalog.services.events import create_event, place_event, set_owners
from catalog.services.property_library import save_property
from catalog.services.versions import publish_version
from demo.company import APPS, ORDERS, STOREFRONT
from demo.dictionary import CATEGORIES, EVENTS, LIBRARY, EventEntry
from demo.seeding.company_setup import Company

# Who answers for the events of a team: business, development, analysis, QA.
OWNERS = {
    STOREFRONT: ("mara", "sofia", "jonas", "lin"),
    APPS: ("tomasz", "david", "noor", "lin"),
    ORDERS: ("karl", "ruth", "noor", "elena"),
}
ROLES = (OwnerRole.BUSINESS, OwnerRole.DEVELOPMENT, OwnerRole.ANALYSIS, OwnerRole.QA)


def take_baseline(company: Company, *, at: datetime) -> None:
    """Write shelves, library and events, by the analyst who moved the company in."""
    analyst = company.people["jonas"]
    for shelf in CATEGORIES:
        Category.objects.get_or_create(slug=shelf.slug, defaults={"name": shelf.name, "description": shelf.description})
    _write_library(analyst, at=at)
    shelves = {category.slug: category for category in Category.objects.all()}
    tags = {slug: _tag(slug) for slug in sorted({tag for entry in EVENTS for tag in entry.tags})}
    for entry in EVENTS:
        event = create_event(
            name=entry.name,
            call=entry.call,
            kind=entry.kind,
            owner_team=company.teams[entry.team],
            category=shelves[entry.category],
            tags=[tags[slug] for slug in entry.tags],
            tier=entry.tier,
            is_sample=True,
            by=analyst,
            at=at,
        )
        _publish(event, entry, company, by=analyst, at=at)
        give_owners(event, entry, company, by=analyst, at=at)


def _write_library(analyst: User, *, at: datetime) -> None:
    for entry in LIBRARY.values():
        save_property(
            by=analyst,
            at=at,
            name=entry.name,
            description=entry.description,
            schema=entry.schema,
            examples=list(entry.examples),
            unit=entry.unit,
            sensitivity=entry.sensitivity,
            origin=entry.origin,
            is_sample=True,
        )


def place(event: Event, entry: EventEntry, company: Company, *, by: User, at: datetime) -> None:
    """Give an event that a request brought its shelf, tags, tier and owners."""
    place_event(
        event,
        by=by,
        at=at,
        category=Category.objects.get(slug=entry.category),
        tags=[_tag(slug) for slug in entry.tags],
        tier=entry.tier,
        owner_team=company.teams[entry.team],
    )
    give_owners(event, entry, company, by=by, at=at)


def give_owners(event: Event, entry: EventEntry, company: Company, *, by: User, at: datetime) -> None:
    """Let the people of the entry's team answer for the event; small ones need no QA owner."""
    people = {
        role: company.people[username]
        for role, username in zip(ROLES, OWNERS[entry.team], strict=True)
        if role != OwnerRole.QA or entry.tier < 3
    }
    set_owners(event, people, by=by, at=at)


def _publish(event: Event, entry: EventEntry, company: Company, *, by: User, at: datetime) -> None:
    sources = [company.sources[slug] for slug in entry.sources]
    version = publish_version(
        event,
        definition=entry.document(LIBRARY),
        parent=None,
        sources=sources,
        by=by,
        message="Taken over from the company's spreadsheet.",
        at=at,
    )
    for source in sources:
        bind(event, version, source, environments=tuple(Environment), since_at=BEGINNING, by=by, at=at)


def _tag(slug: str) -> Tag:
    return Tag.objects.get_or_create(slug=slug, defaults={"name": slug})[0]
