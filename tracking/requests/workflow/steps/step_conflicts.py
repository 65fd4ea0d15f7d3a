"""The message for a person whose step is no longer possible, because somebody else took one first."""

from datetime import datetime

from accounts.models import HistoryEntry, User
from pages.ui.humanize import relative_time
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.models import Delivery, Request

# By state: what somebody did to reach it, and (the outcomes) what can no longer be done.
REQUEST_ACTIONS_TAKEN: dict[RequestState, str] = {
    RequestState.DRAFT: "took it back to draft",
    RequestState.REQUESTED: "submitted it",
    RequestState.REVIEWED: "approved it",
    RequestState.DEVELOPED: "marked the last of it as developed",
    RequestState.TESTED: "verified the last of it",
    RequestState.LIVE: "made it live",
    RequestState.DECLINED: "declined it",
    RequestState.WITHDRAWN: "withdrew it",
}


DELIVERY_ACTIONS_TAKEN: dict[DeliveryState, str] = {
    DeliveryState.REVIEWED: "sent it back",
    DeliveryState.DEVELOPED: "marked it as developed",
    DeliveryState.TESTED: "verified it",
    DeliveryState.LIVE: "made it live",
    DeliveryState.DROPPED: "dropped it",
    DeliveryState.SUPERSEDED: "replaced it by a newer version",
}


REQUEST_OUTCOMES: dict[str, str] = {
    RequestState.DRAFT: "taken back to draft",
    RequestState.REQUESTED: "submitted",
    RequestState.REVIEWED: "approved",
    RequestState.LIVE: "published",
    RequestState.DECLINED: "declined",
    RequestState.WITHDRAWN: "withdrawn",
}


DELIVERY_OUTCOMES: dict[str, str] = {
    DeliveryState.REVIEWED: "sent back",
    DeliveryState.DEVELOPED: "marked as developed",
    DeliveryState.TESTED: "verified",
    DeliveryState.LIVE: "declared live",
    DeliveryState.DROPPED: "dropped",
}


def already_moved_message(
    subject: Request | Delivery, to: str, last: HistoryEntry | None, *, by: User, at: datetime
) -> str:
    """Return why a step to a state is not open: who took it, or another one, before; `last` led to its state."""
    is_request = isinstance(subject, Request)
    outcome = REQUEST_OUTCOMES[to] if is_request else DELIVERY_OUTCOMES[to]
    consequence = "Nothing is left to do." if subject.state == to else f"It cannot be {outcome} now."
    if last is None:
        return f"It is {subject.get_state_display().lower()} already. {consequence}"
    action_taken = (
        REQUEST_ACTIONS_TAKEN[RequestState(subject.state)]
        if is_request
        else DELIVERY_ACTIONS_TAKEN[DeliveryState(subject.state)]
    )
    if last.from_state == DeliveryState.LIVE:
        action_taken = "took it back from live"
    actor_name = "You" if last.actor_id == by.pk else str(last.actor)
    return f"{actor_name} already {action_taken}, {relative_time(last.at, max(at, last.at))}. {consequence}"
