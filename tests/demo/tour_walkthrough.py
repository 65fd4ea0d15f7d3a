"""How tests walk the tour: each stop the way a visitor does, by the acts and the collector."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from accounts.models import User
from catalog.models import Source
from catalog.services.write_keys import current_key
from demo.credentials import ACCOUNTS
from tests.factories.traffic import check_all, send, track
from tour.tour_actions import ACTS, Doing
from tour.tour_state import World
from tour.tour_steps import STEPS, Stop
from tracking.requests.tasks import advance_deliveries

LANTERN = {"product_id": "LAN-5004", "product_name": "Storm Lantern", "price": 27.5, "currency": "EUR"}
LINE = {"sku": "LAN-5004-ONE", "quantity": 1, "price": 27.5}
BASKET = {"cart_id": "crt_9f2k7d1q", "sku": "LAN-5004-ONE", "product_id": "LAN-5004", "price": 27.5, "currency": "EUR"}
ORDER = {"order_id": "HB-204518", "currency": "EUR", "payment_method": "card", "products": [LINE]}
ANSWERS = {"says": "Somebody tapped the heart.", "question": "What do people like?", "decision": "The spring window"}


def answers() -> dict[str, str]:
    """The three answers, with the edit of the draft that they were written on."""
    return ANSWERS | {"revision": str(World().request.revision)}


CAME = ("accounts", "catalog", "traffic", "quality", "requests")


def account(name: str) -> User:
    return User.objects.get(username=ACCOUNTS[name])


def do(what: str, by: str = "pm", **posted: str) -> Any:
    """One act of the tour, as an account."""
    return ACTS[what](Doing(World(), account(by), posted))


def tap(shop: Source, name: str, properties: dict[str, Any], environment: str = "staging") -> None:
    key = current_key(shop, environment)
    assert key is not None
    assert send(key, track(name, properties=properties)).status_code == 200
    check_all()


def walk_to(shop: Source, stop: Stop) -> None:
    """Go on until a stop, the way a visitor does."""
    ways = {
        Stop.ADD: lambda: tap(shop, "Product Added", BASKET | {"quantity": 1}),
        Stop.BREAK: lambda: do("break"),
        Stop.BUY: lambda: tap(shop, "Order Completed", ORDER | {"total": "27.50"}),
        Stop.LIKE: lambda: tap(shop, "Product Liked", LANTERN),
        Stop.PROPOSE: lambda: do("propose"),
        Stop.SUBMIT: lambda: do("submit", **answers()),
        Stop.APPROVE: lambda: do("approve", "analyst"),
        Stop.STAGE: lambda: do("stage", "developer"),
        Stop.AGAIN: lambda: tap(shop, "Product Liked", LANTERN),
        Stop.SIGN: lambda: do("sign", "qa"),
        Stop.SHIP: lambda: (do("ship", "developer"), check_all()),
        Stop.PROVE: advance_deliveries,
        Stop.READ: lambda: do("own", "developer"),
    }
    for _turn in STEPS:
        at = World().stop
        if at == stop:
            return
        ways[at]()
        assert World().stop != at, f"{at} was not left"
    raise AssertionError(f"{stop} was not reached")


def counts() -> dict[str, int]:
    """How many rows there are of everything that the tour could leave."""
    models = [model for room in CAME for model in apps.get_app_config(room).get_models() if model._meta.managed]
    return {model._meta.label: model._default_manager.count() for model in models}
