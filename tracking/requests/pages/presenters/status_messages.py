"""The messages about steps: what was done, what is next, and who takes it."""

from tracking.requests.choices import ChangeAction, DeliveryState, Lane, RequestState
from tracking.requests.models import Delivery, Request

REQUEST_STATUS_MESSAGES: dict[RequestState, str] = {
    RequestState.DRAFT: "It is a draft again. Its author edits it and submits it anew.",
    RequestState.REQUESTED: "Submitted. An analyst reviews it next.",
    RequestState.REVIEWED: "Approved. Developers build it next.",
    RequestState.DEVELOPED: "Developed. QA verifies it next.",
    RequestState.TESTED: "Production proves it next. Nobody has to press anything.",
    RequestState.LIVE: "It is live. Everybody reads it in the catalog now.",
    RequestState.DECLINED: "Declined. Its author finds the reason in the history.",
    RequestState.WITHDRAWN: "Withdrawn. Nothing more comes of it.",
}
DELIVERY_STATUS_MESSAGES: dict[DeliveryState, str] = {
    DeliveryState.REVIEWED: "sent back. A developer builds it again.",
    DeliveryState.DEVELOPED: "developed. QA verifies it next.",
    DeliveryState.TESTED: "verified. Production proves it next.",
    DeliveryState.LIVE: "live. Everybody reads it in the catalog now.",
    DeliveryState.DROPPED: "dropped. The request goes on without it.",
}
LANE_MESSAGES: dict[Lane, str] = {
    Lane.WORDS: "Only words differ, so an owner publishes them at once.",
    Lane.DOCUMENTING: "Production already sends exactly this. After a review it is live.",
    Lane.RETIRING: "An event ends: after a review, developers take it out.",
    Lane.NEW: "An analyst approves it, developers build it, QA verifies it, and production proves it.",
}
CHANGE_ACTION_LABELS: dict[ChangeAction, str] = {
    ChangeAction.CREATE: "New event",
    ChangeAction.UPDATE: "Change an event",
    ChangeAction.DEPRECATE: "Deprecate one",
    ChangeAction.RETIRE: "Retire one",
}
ENDING_MESSAGES: dict[str, str] = {
    ChangeAction.DEPRECATE: "It stays valid, and everybody who reads it learns what to use instead.",
    ChangeAction.RETIRE: "Once it is retired, nothing should send it any more; "
    "whatever still does shows up as a finding.",
}


APPROVED_IN_PART = "Approved in part. Others still have to approve their part of it."


def request_status_message(request: Request) -> str:
    """Return where a request stands and what comes next, after a step."""
    if request.state == RequestState.DEVELOPED and request.lane == Lane.RETIRING:
        return "Developed. Whatever still sends it shows up as a finding."
    return REQUEST_STATUS_MESSAGES[RequestState(request.state)]


def delivery_status_message(delivery: Delivery, *, previous_state: str) -> str:
    """Return where a delivery stands after a step from `previous_state`."""
    name = f"{delivery.change.name} on {delivery.source}"
    if previous_state == DeliveryState.LIVE:
        return f"{name}: taken back from live. Production has to prove it anew."
    if delivery.state == DeliveryState.DEVELOPED and delivery.change.lane == Lane.RETIRING:
        return f"{name}: developed. Whatever still sends it shows up as a finding."
    return f"{name}: {DELIVERY_STATUS_MESSAGES[DeliveryState(delivery.state)]}"


def waiting_message(request: Request, to: str, delivery: Delivery | None = None) -> str:
    """Return who has to take the next step, for everybody else."""
    if delivery is not None:
        awaited_steps = {
            DeliveryState.DEVELOPED: f"a developer to build it on {delivery.source}",
            DeliveryState.TESTED: f"QA to verify it on {delivery.source}",
        }
        return (
            f"Waiting for {awaited_steps.get(DeliveryState(to), f'an analyst to declare it live on {delivery.source}')}"
        )
    if to == RequestState.REQUESTED:
        return f"Waiting for {request.author} to submit it"
    return "Waiting for an owner to publish it" if to == RequestState.LIVE else "Waiting for an analyst's approval"
