"""Events made of the library's examples, in the form in which Segment's SDKs send them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from catalog.contract import for_source, part_schemas
from demo.company import ANDROID, IOS, SERVICE, WEB
from demo.dictionary import LIBRARY, Document

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
OPTIONAL_PROPERTY_SHARE = 0.75
SHOPPER_COUNT = 240

# What is of one product must fit together: the same place in each list of examples.
PRODUCT_PROPERTIES = {
    "product_id",
    "sku",
    "product_name",
    "category",
    "price",
    "list_price",
    "products",
    "total",
    "tax",
}
SDK_BY_SOURCE = {
    WEB: ("analytics.js", "4.1.0"),
    IOS: ("analytics-swift", "1.6.2"),
    ANDROID: ("analytics-kotlin", "1.19.1"),
    SERVICE: ("analytics-python", "2.4.0"),
}
OS_BY_SOURCE = {IOS: {"name": "iOS", "version": "18.5"}, ANDROID: {"name": "Android", "version": "15"}}


def _random_code(prefix: str) -> Callable[[Random], str]:
    return lambda chance: prefix + "".join(chance.choices(LETTERS, k=8))


def _random_number(prefix: str, lowest: int, highest: int) -> Callable[[Random], str]:
    return lambda chance: f"{prefix}{chance.randrange(lowest, highest)}"


# Values of which each event has its own.
UNIQUE_VALUE_GENERATORS: dict[str, Callable[[Random], Any]] = {
    "cart_id": _random_code("crt_"),
    "checkout_id": _random_code("chk_"),
    "order_id": _random_number("HB-", 203_000, 206_000),
    "parcel_id": _random_number("PCL-", 88_012_000, 88_019_000),
    "return_id": _random_number("RET-", 300_100, 300_900),
    "review_id": _random_number("rev_", 100_000, 100_900),
}


@dataclass(frozen=True, slots=True)
class PayloadFactory:
    """Makes events of one definition on one source."""

    name: str
    call: str
    source: str
    properties: tuple[str, ...]
    required: frozenset[str]
    has_campaign: bool

    @classmethod
    def from_definition(cls, document: Document, source: str) -> "PayloadFactory":
        """Read the definition that applies to a source. Its properties must be in the library."""
        parts = part_schemas(for_source(document, source))
        schema = next((parts[part] for part in ("properties", "traits") if part in parts), {})
        return cls(
            document["name"],
            document["call"],
            source,
            tuple(schema.get("properties", {})),
            frozenset(schema.get("required", ())),
            "context" in parts,
        )

    def make_properties(self, rng: Random, *, include_all_optional: bool = False) -> dict[str, Any]:
        """Return properties that keep to the definition; `is_whole` leaves nothing out."""
        product = rng.randrange(4)
        properties = {}
        for name in self.properties:
            if not include_all_optional and name not in self.required and rng.random() > OPTIONAL_PROPERTY_SHARE:
                continue
            examples = LIBRARY[name].examples
            if name in UNIQUE_VALUE_GENERATORS:
                properties[name] = UNIQUE_VALUE_GENERATORS[name](rng)
            elif name in PRODUCT_PROPERTIES:
                properties[name] = examples[product % len(examples)]
            else:
                properties[name] = rng.choice(examples)
        return properties

    def make_message(
        self, rng: Random, *, at: datetime, properties: dict[str, Any], app_version: str = "", device: str = ""
    ) -> dict[str, Any]:
        """Return the call as the source's SDK sends it. `device` is who sends it; without one, some shopper."""
        shopper = rng.randrange(SHOPPER_COUNT)
        name, version = SDK_BY_SOURCE[self.source]
        context: dict[str, Any] = {"library": {"name": name, "version": version}}
        if self.source in OS_BY_SOURCE:
            context |= {"app": {"name": "Harbour", "version": app_version}, "os": OS_BY_SOURCE[self.source]}
        if self.has_campaign and rng.random() < 0.2:
            context["campaign"] = {"source": "newsletter", "medium": "email", "name": "storm-season-2026"}
        identifiers: dict[str, Any] = {"anonymousId": device or f"anon-{shopper + 1:04d}"}
        if not device and (self.source == SERVICE or shopper % 5 < 2 or self.call == "identify"):
            identifiers["userId"] = f"cust_{20_000 + shopper}"
        event_name_member = {"event": self.name} if self.call == "track" else {}
        return {
            "type": self.call,
            **event_name_member,
            **identifiers,
            ("traits" if self.call == "identify" else "properties"): properties,
            "context": context,
            "timestamp": format_timestamp(at),
            "messageId": f"{re.sub('[^a-z]', '', self.name.lower())[:20]}-{rng.getrandbits(64):016x}",
        }


def format_timestamp(at: datetime) -> str:
    """Return a time as SDKs write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
