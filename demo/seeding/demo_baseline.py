"""The dictionary that the company had before: its library and events, taken over as they stood."""

from datetime import datetime

from accounts.models import User
from catalog.choices import Environment, OwnerRole
from catalog.models import Category, Event, Tag
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.events import add_owners, classify_event, create_event
from catalog.services.property_library import save_property
from catalog.services.versions import publish_version
from demo.company import APPS, ORDERS, STOREFRONT
from demo.dictionary import CATEGORIES, EVENTS, LIBRARY, EventEntry
from demo.seeding.company_setup import Company

# Who answers for the events of a team: business, development, analysis, QA.
OWNERS_BY_TEAM = {
    STOREFRONT: ("mara", "sofia", "jonas", "lin"),
    APPS: ("tomasz", "david", "noor", "lin"),
    ORDERS: ("karl", "ruth", "noor", "elena"),
}
OWNER_ROLES = (OwnerRole.BUSINESS, OwnerRole.DEVELOPMENT, OwnerRole.ANALYSIS, OwnerRole.QA)


def load_baseline(company: Company, *, at: datetime) -> None:
    """Write shelves, library and events, by the analyst who moved the company in."""
    analyst = company.people["jonas"]
    for category_entry in CATEGORIES:
        Category.objects.get_or_create(
            slug=category_entry.slug, defaults={"name": category_entry.name, "description": category_entry.description}
        )
    _save_library(analyst, at=at)
    categories_by_slug = {category.slug: category for category in Category.objects.all()}
    tags = {slug: _tag(slug) for slug in sorted({tag for entry in EVENTS for tag in entry.tags})}
    for entry in EVENTS:
        event = create_event(
            name=entry.name,
            call=entry.call,
            kind=entry.kind,
            owner_team=company.teams[entry.team],
            category=categories_by_slug[entry.category],
            tags=[tags[slug] for slug in entry.tags],
            tier=entry.tier,
            is_sample=True,
            by=analyst,
            at=at,
        )
        _publish_and_bind(event, entry, company, by=analyst, at=at)
        assign_owners(event, entry, company, by=analyst, at=at)


def _save_library(analyst: User, *, at: datetime) -> None:
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


def classify_demo_event(event: Event, entry: EventEntry, company: Company, *, by: User, at: datetime) -> None:
    """Give an event that a request brought its shelf, tags, tier and owners."""
    classify_event(
        event,
        by=by,
        at=at,
        category=Category.objects.get(slug=entry.category),
        tags=[_tag(slug) for slug in entry.tags],
        tier=entry.tier,
        owner_team=company.teams[entry.team],
    )
    assign_owners(event, entry, company, by=by, at=at)


def assign_owners(event: Event, entry: EventEntry, company: Company, *, by: User, at: datetime) -> None:
    """Let the people of the entry's team answer for the event; small ones need no QA owner."""
    people = {
        role: company.people[username]
        for role, username in zip(OWNER_ROLES, OWNERS_BY_TEAM[entry.team], strict=True)
        if role != OwnerRole.QA or entry.tier < 3
    }
    add_owners(event, people, by=by, at=at)


def _publish_and_bind(event: Event, entry: EventEntry, company: Company, *, by: User, at: datetime) -> None:
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
        bind_source(event, version, source, environments=tuple(Environment), since_at=BASELINE_START, by=by, at=at)


def _tag(slug: str) -> Tag:
    return Tag.objects.get_or_create(slug=slug, defaults={"name": slug})[0]
