"""The sentences in which people read of steps: what was done, what is next, whose turn it is."""

from tracking.requests.choices import DeliveryState, Lane, State
from tracking.requests.models import Delivery, Request

STANDS: dict[State, str] = {
    State.DRAFT: "It is a draft again. Its author edits it and submits it anew.",
    State.REQUESTED: "Submitted. An analyst reviews it next.",
    State.REVIEWED: "Approved. Developers build it next.",
    State.DEVELOPED: "Developed. QA verifies it next.",
    State.TESTED: "Production proves it next. Nobody has to press anything.",
    State.LIVE: "It is live. Everybody reads it in the catalog now.",
    State.DECLINED: "Declined. Its author finds the reason in the history.",
    State.WITHDRAWN: "Withdrawn. Nothing more comes of it.",
}
DELIVERY_STANDS: dict[DeliveryState, str] = {
    DeliveryState.REVIEWED: "sent back. A developer builds it again.",
    DeliveryState.DEVELOPED: "developed. QA verifies it next.",
    DeliveryState.TESTED: "verified. Production proves it next.",
    DeliveryState.LIVE: "live. Everybody reads it in the catalog now.",
    DeliveryState.DROPPED: "dropped. The request goes on without it.",
}


def told(request: Request) -> str:
    """Return where a request stands and what comes next, after a step."""
    if request.state == State.DEVELOPED and request.lane == Lane.RETIRING:
        return "Developed. Whatever still sends it shows up as a finding."
    return STANDS[State(request.state)]


def told_of_delivery(moved: Delivery, *, before: str) -> str:
    """Return where a delivery stands after a step that began at `before`."""
    name = f"{moved.change.name} on {moved.source}"
    if before == DeliveryState.LIVE:
        return f"{name}: taken back from live. Production has to prove it anew."
    if moved.state == DeliveryState.DEVELOPED and moved.change.lane == Lane.RETIRING:
        return f"{name}: developed. Whatever still sends it shows up as a finding."
    return f"{name}: {DELIVERY_STANDS[DeliveryState(moved.state)]}"


def waiting_for(request: Request, to: str, delivery: Delivery | None = None) -> str:
    """Return whose step is awaited, for everybody else."""
    if delivery is not None:
        doers = {
            DeliveryState.DEVELOPED: f"a developer to build it on {delivery.source}",
            DeliveryState.TESTED: f"QA to verify it on {delivery.source}",
        }
        return f"Waiting for {doers.get(DeliveryState(to), f'an analyst to declare it live on {delivery.source}')}"
    if to == State.REQUESTED:
        return f"Waiting for {request.author} to submit it"
    return "Waiting for an owner to publish it" if to == State.LIVE else "Waiting for an analyst's approval"
