"""The demo company's dictionary: categories, properties and the events that were there before any request."""

from dataclasses import replace

from demo.dictionary.browsing import BROWSING, SEARCH
from demo.dictionary.buying import CART, CHECKOUT
from demo.dictionary.fulfilment import DELIVERY, RETURNS
from demo.dictionary.library import LIBRARY
from demo.dictionary.notation import CategoryEntry, Document, EventEntry, PropertyEntry
from demo.dictionary.people import ACCOUNT, CREW_CLUB, MESSAGES
from demo.dictionary.running import HELP, OFFERS, RUNNING
from demo.dictionary.shelves import CATEGORIES

SHELVES: dict[str, tuple[EventEntry, ...]] = {
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
    "running": RUNNING,
}
EVENTS = tuple(replace(entry, category=slug) for slug, entries in SHELVES.items() for entry in entries)
"""What the company had written down before: taken over as the baseline."""

__all__ = ["CATEGORIES", "EVENTS", "LIBRARY", "CategoryEntry", "Document", "EventEntry", "PropertyEntry"]
