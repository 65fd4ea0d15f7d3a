"""Events made of the library's examples, in the form in which Segment's SDKs send them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from catalog.contract import for_source, parts_of
from demo.company import ANDROID, IOS, SERVICE, WEB
from demo.dictionary import LIBRARY, Document

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
OPTIONAL_SHARE = 0.75
SHOPPERS = 240

# What is of one product must fit together: the same place in each list of examples.
OF_ONE_PRODUCT = {"product_id", "sku", "product_name", "category", "price", "list_price", "products", "total", "tax"}
LIBRARIES = {
    WEB: ("analytics.js", "4.1.0"),
    IOS: ("analytics-swift", "1.6.2"),
    ANDROID: ("analytics-kotlin", "1.19.1"),
    SERVICE: ("analytics-python", "2.4.0"),
}
SYSTEMS = {IOS: {"name": "iOS", "version": "18.5"}, ANDROID: {"name": "Android", "version": "15"}}


def _coded(prefix: str) -> Callable[[Random], str]:
    return lambda chance: prefix + "".join(chance.choices(LETTERS, k=8))


def _numbered(prefix: str, lowest: int, highest: int) -> Callable[[Random], str]:
    return lambda chance: f"{prefix}{chance.randrange(lowest, highest)}"


# Values of which each event has its own.
FRESH: dict[str, Callable[[Random], Any]] = {
    "cart_id": _coded("crt_"),
    "checkout_id": _coded("chk_"),
    "order_id": _numbered("HB-", 203_000, 206_000),
    "parcel_id": _numbered("PCL-", 88_012_000, 88_019_000),
    "return_id": _numbered("RET-", 300_100, 300_900),
    "review_id": _numbered("rev_", 100_000, 100_900),
}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes events of one definition on one source."""

    name: str
    call: str
    source: str
    properties: tuple[str, ...]
    required: frozenset[str]
    has_campaign: bool

    @classmethod
    def of(cls, document: Document, source: str) -> "Maker":
        """Read a definition as it holds for a source. Its properties must stand in the library."""
        parts = parts_of(for_source(document, source))
        schema = next((parts[part] for part in ("properties", "traits") if part in parts), {})
        return cls(
            document["name"],
            document["call"],
            source,
            tuple(schema.get("properties", {})),
            frozenset(schema.get("required", ())),
            "context" in parts,
        )

    def properties_from(self, chance: Random, *, is_whole: bool = False) -> dict[str, Any]:
        """Return properties that keep to the definition; `is_whole` leaves nothing out."""
        product = chance.randrange(4)
        found = {}
        for name in self.properties:
            if not is_whole and name not in self.required and chance.random() > OPTIONAL_SHARE:
                continue
            examples = LIBRARY[name].examples
            if name in FRESH:
                found[name] = FRESH[name](chance)
            elif name in OF_ONE_PRODUCT:
                found[name] = examples[product % len(examples)]
            else:
                found[name] = chance.choice(examples)
        return found

    def message(
        self, chance: Random, *, at: datetime, properties: dict[str, Any], app_version: str = "", device: str = ""
    ) -> dict[str, Any]:
        """Return the call as the source's SDK sends it. `device` is who sends it; without one, some shopper."""
        shopper = chance.randrange(SHOPPERS)
        name, version = LIBRARIES[self.source]
        context: dict[str, Any] = {"library": {"name": name, "version": version}}
        if self.source in SYSTEMS:
            context |= {"app": {"name": "Harbour", "version": app_version}, "os": SYSTEMS[self.source]}
        if self.has_campaign and chance.random() < 0.2:
            context["campaign"] = {"source": "newsletter", "medium": "email", "name": "storm-season-2026"}
        people: dict[str, Any] = {"anonymousId": device or f"anon-{shopper:04d}"}
        if not device and (self.source == SERVICE or shopper % 5 < 2 or self.call == "identify"):
            people["userId"] = f"cust_{20_000 + shopper}"
        named = {"event": self.name} if self.call == "track" else {}
        return {
            "type": self.call,
            **named,
            **people,
            ("traits" if self.call == "identify" else "properties"): properties,
            "context": context,
            "timestamp": stamp(at),
            "messageId": f"{re.sub('[^a-z]', '', self.name.lower())[:20]}-{chance.getrandbits(64):016x}",
        }


def stamp(at: datetime) -> str:
    """Return a time as SDKs write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
