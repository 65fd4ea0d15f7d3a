"""The seeded visitors of the shop: what they do in production is posted as any server posts it, with the real key."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.models import Source
from catalog.services.write_keys import current_key
from tour.tour_steps import ORDER_COMPLETED, PRODUCT_ADDED, PRODUCT_LIKED
from tracking.traffic.collect.test_events import post_to_collector

SEED = 20260304
VISITOR_IDS = ("visitor-ada", "visitor-ben", "visitor-cleo", "visitor-dov", "visitor-eva")
PRODUCTS = (
    {"product_id": "LAN-5004", "product_name": "Storm Lantern", "price": 27.5},
    {"product_id": "MUG-5101", "product_name": "Harbour Mug", "price": 14.0},
)
BASE_36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def post_visitor_events(shop: Source, *, by: User) -> int:
    """Post what the visitors do in the shop to the collector, and return how many events that was.

    For a person who waits: at most two seconds. Raises Forbidden where `by` may not manage the shop, and
    UnmetConditionsError where its production key is gone or the collector does not take the events.
    """
    require(by, Capability.SOURCE_MANAGE, on=shop)
    key = current_key(shop, Environment.PRODUCTION)
    if key is None:
        raise UnmetConditionsError(
            [UnmetCondition("no_key", f"{shop} has no write key for production. Create one on its page.")]
        )
    events = _events()
    status, answer = post_to_collector("/in/v1/batch", {"batch": events}, key=key.key)
    if status != 200:
        raise UnmetConditionsError(
            [UnmetCondition("collector", f"The collector answered {status or 'nothing'}: {answer[:200]}")]
        )
    return len(events)


def _events() -> list[dict[str, Any]]:
    rng, now = Random(SEED), timezone.now()  # noqa: S311  no secret: the same visitors each time
    events = []
    for number, visitor in enumerate(VISITOR_IDS):
        product = PRODUCTS[number % len(PRODUCTS)]
        at = now + timedelta(milliseconds=number)  # after the deploy that has just been marked
        events.append(_event(visitor, PRODUCT_LIKED, product | {"currency": "EUR"}, at.isoformat()))
        events.append(_event(visitor, PRODUCT_ADDED, _cart_properties(product, rng), at.isoformat()))
        if number % 2:
            events.append(_event(visitor, ORDER_COMPLETED, _order_properties(product, rng), at.isoformat()))
    return events


def _event(visitor: str, name: str, properties: dict[str, Any], at: str) -> dict[str, Any]:
    library = {"name": "pocket-shop-visitors", "version": "1"}
    return {
        "type": "track",
        "event": name,
        "userId": visitor,
        "messageId": f"visit-{uuid4()}",
        "timestamp": at,
        "context": {"library": library},
        "properties": properties,
    }


def _cart_properties(product: dict[str, Any], rng: Random) -> dict[str, Any]:
    return {
        "cart_id": "crt_" + "".join(rng.choices(BASE_36, k=8)),
        "sku": f"{product['product_id']}-ONE",
        "product_id": product["product_id"],
        "price": product["price"],
        "currency": "EUR",
        "quantity": 1,
    }


def _order_properties(product: dict[str, Any], rng: Random) -> dict[str, Any]:
    line = {"sku": f"{product['product_id']}-ONE", "quantity": 1, "price": product["price"]}
    return {
        "order_id": f"HB-{rng.randrange(300_000, 400_000)}",
        "total": product["price"],
        "currency": "EUR",
        "payment_method": "card",
        "products": [line],
    }
