"""The dictionary that the company had before: its library and events, imported unchanged."""

from datetime import datetime

from accounts.models import User
from catalog.choices import Environment, OwnerRole
from catalog.models import Category, Event
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.events import add_owners, classify_event, create_event
from catalog.services.property_library import save_property
from catalog.services.taxonomy_editing import ensure_tags, save_category
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
    """Write categories, library and events, by the analyst who migrated the company."""
    analyst = company.people["jonas"]
    for category_entry in CATEGORIES:
        if not Category.objects.filter(slug=category_entry.slug).exists():
            save_category(
                slug=category_entry.slug,
                name=category_entry.name,
                description=category_entry.description,
                by=analyst,
                at=at,
            )
    _save_library(analyst, at=at)
    categories_by_slug = {category.slug: category for category in Category.objects.all()}
    for entry in EVENTS:
        event = create_event(
            name=entry.name,
            call=entry.call,
            kind=entry.kind,
            owner_team=company.teams[entry.team],
            category=categories_by_slug[entry.category],
            tags=ensure_tags(entry.tags, by=analyst, owner_team=company.teams[entry.team], at=at),
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
    """Give an event that a request created its category, tags, tier and owners."""
    classify_event(
        event,
        by=by,
        at=at,
        category=Category.objects.get(slug=entry.category),
        tags=ensure_tags(entry.tags, by=by, owner_team=company.teams[entry.team], at=at),
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
