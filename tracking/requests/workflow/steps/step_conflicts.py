"""What is said to whoever comes second: the step that they wanted was taken meanwhile."""

from datetime import datetime

from accounts.models import HistoryEntry, User
from pages.ui.humanize import relative
from tracking.requests.choices import DeliveryState, State
from tracking.requests.models import Delivery, Request

# What somebody did to bring a thing to a state, and what can no longer be done to it.
DID: dict[State, str] = {
    State.DRAFT: "took it back to draft",
    State.REQUESTED: "submitted it",
    State.REVIEWED: "approved it",
    State.DEVELOPED: "marked the last of it as developed",
    State.TESTED: "verified the last of it",
    State.LIVE: "made it live",
    State.DECLINED: "declined it",
    State.WITHDRAWN: "withdrew it",
}


DELIVERY_DID: dict[DeliveryState, str] = {
    DeliveryState.REVIEWED: "sent it back",
    DeliveryState.DEVELOPED: "marked it as developed",
    DeliveryState.TESTED: "verified it",
    DeliveryState.LIVE: "made it live",
    DeliveryState.DROPPED: "dropped it",
    DeliveryState.SUPERSEDED: "replaced it by a newer version",
}


DONE: dict[str, str] = {
    State.DRAFT: "taken back to draft",
    State.REQUESTED: "submitted",
    State.REVIEWED: "approved",
    State.LIVE: "published",
    State.DECLINED: "declined",
    State.WITHDRAWN: "withdrawn",
}


DELIVERY_DONE: dict[str, str] = {
    DeliveryState.REVIEWED: "sent back",
    DeliveryState.DEVELOPED: "marked as developed",
    DeliveryState.TESTED: "verified",
    DeliveryState.LIVE: "declared live",
    DeliveryState.DROPPED: "dropped",
}


def moved_on(moved: Request | Delivery, to: str, last: HistoryEntry | None, *, by: User, at: datetime) -> str:
    """Return why a step to a state is not open: who took it, or another one, before; `last` led to where it stands."""
    is_request = isinstance(moved, Request)
    does = DONE[to] if is_request else DELIVERY_DONE[to]
    then = "Nothing is left to do." if moved.state == to else f"It cannot be {does} now."
    if last is None:
        return f"It is {moved.get_state_display().lower()} already. {then}"
    did = DID[State(moved.state)] if is_request else DELIVERY_DID[DeliveryState(moved.state)]
    if last.from_state == DeliveryState.LIVE:
        did = "took it back from live"
    who = "You" if last.actor_id == by.pk else str(last.actor)
    return f"{who} already {did}, {relative(last.at, max(at, last.at))}. {then}"
