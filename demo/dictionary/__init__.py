"""The demo company's dictionary: categories, properties and the events that were there before any request."""

from dataclasses import replace

from demo.dictionary.browsing_events import BROWSING, SEARCH
from demo.dictionary.customer_events import ACCOUNT, CREW_CLUB, MESSAGES
from demo.dictionary.demo_categories import CATEGORIES
from demo.dictionary.demo_properties import LIBRARY
from demo.dictionary.dictionary_entries import CategoryEntry, Document, EventEntry, PropertyEntry
from demo.dictionary.fulfilment_events import DELIVERY, RETURNS
from demo.dictionary.operations_events import HELP, OFFERS, OPERATIONS
from demo.dictionary.purchase_events import CART, CHECKOUT

EVENTS_BY_CATEGORY: dict[str, tuple[EventEntry, ...]] = {
    "browsing": BROWSING,
    "search": SEARCH,
    "cart": CART,
    "checkout": CHECKOUT,
    "delivery": DELIVERY,
    "returns": RETURNS,
    "account": ACCOUNT,
    "messages": MESSAGES,
    "crew-club": CREW_CLUB,
    "offers": OFFERS,
    "help": HELP,
    "running": OPERATIONS,
}
EVENTS = tuple(replace(entry, category=slug) for slug, entries in EVENTS_BY_CATEGORY.items() for entry in entries)
"""What the company had written down before: taken over as the baseline."""

__all__ = ["CATEGORIES", "EVENTS", "LIBRARY", "CategoryEntry", "Document", "EventEntry", "PropertyEntry"]
