"""How tests walk the tour: each stop the way a visitor does, by the acts and the collector."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from accounts.models import HistoryEntry, User
from catalog.models import Source
from catalog.services.write_keys import current_key
from demo.credentials import USERNAME_BY_ACCOUNT
from tests.factories.traffic import post_batch, process_inbox, track_call
from tour.tour_actions import TOUR_ACTIONS, ActionContext
from tour.tour_state import TourState
from tour.tour_steps import TOUR_STEPS, StepId
from tracking.requests.tasks import advance_deliveries
from tracking.traffic.models import DedupKey

LANTERN = {"product_id": "LAN-5004", "product_name": "Storm Lantern", "price": 27.5, "currency": "EUR"}
LINE = {"sku": "LAN-5004-ONE", "quantity": 1, "price": 27.5}
BASKET = {"cart_id": "crt_9f2k7d1q", "sku": "LAN-5004-ONE", "product_id": "LAN-5004", "price": 27.5, "currency": "EUR"}
ORDER = {"order_id": "HB-204518", "currency": "EUR", "payment_method": "card", "products": [LINE]}
ANSWERS = {"says": "Somebody tapped the heart.", "question": "What do people like?", "decision": "The spring window"}


def answers_with_revision() -> dict[str, str]:
    """The three answers, with the edit of the draft that they were written on."""
    return ANSWERS | {"revision": str(TourState().request.revision)}


APP_LABELS = ("accounts", "catalog", "traffic", "profiling", "quality", "requests")


def demo_user(name: str) -> User:
    return User.objects.get(username=USERNAME_BY_ACCOUNT[name])


def perform_action(what: str, by: str = "pm", **posted: str) -> Any:
    """One act of the tour, as an account."""
    return TOUR_ACTIONS[what](ActionContext(TourState(), demo_user(by), posted))


def send_tap(shop: Source, name: str, properties: dict[str, Any], environment: str = "staging") -> None:
    key = current_key(shop, environment)
    assert key is not None
    assert post_batch(key, track_call(name, properties=properties)).status_code == 200
    process_inbox()


def advance_to(shop: Source, step_id: StepId) -> None:
    """Go on until a stop, the way a visitor does."""
    action_by_step = {
        StepId.ADD: lambda: send_tap(shop, "Product Added", BASKET | {"quantity": 1}),
        StepId.BREAK: lambda: perform_action("break", "developer"),
        StepId.BUY: lambda: send_tap(shop, "Order Completed", ORDER | {"total": "27.50"}),
        StepId.LIKE: lambda: send_tap(shop, "Product Liked", LANTERN),
        StepId.PROPOSE: lambda: perform_action("propose"),
        StepId.SUBMIT: lambda: perform_action("submit", **answers_with_revision()),
        StepId.APPROVE: lambda: perform_action("approve", "analyst"),
        StepId.STAGE: lambda: perform_action("stage", "developer"),
        StepId.AGAIN: lambda: send_tap(shop, "Product Liked", LANTERN),
        StepId.SIGN: lambda: perform_action("sign", "qa"),
        StepId.SHIP: lambda: (perform_action("ship", "developer"), process_inbox()),
        StepId.PROVE: advance_deliveries,
        StepId.READ: lambda: perform_action("own", "developer"),
    }
    for _turn in TOUR_STEPS:
        current = TourState().current_step_id
        if current == step_id:
            return
        action_by_step[current]()
        assert TourState().current_step_id != current, f"{current} was not left"
    raise AssertionError(f"{step_id} was not reached")


def row_counts() -> dict[str, int]:
    """How many rows there are of everything that the tour could leave; history of purges stays for good.

    Keys of events do not say whose they are, and are forgotten within two days.
    """
    models = [model for room in APP_LABELS for model in apps.get_app_config(room).get_models() if model._meta.managed]
    counts = {model._meta.label: model._default_manager.count() for model in models}
    counts[HistoryEntry._meta.label] -= HistoryEntry.objects.filter(subject_type="purge").count()
    del counts[DedupKey._meta.label]
    return counts
