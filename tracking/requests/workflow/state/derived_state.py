"""The state of a request, derived from its deliveries after each step."""

from datetime import datetime

from accounts.history import record
from accounts.models import User
from tracking.requests.choices import COUNTED_DELIVERY_STATES, OPEN_REQUEST_STATES, DeliveryState, Lane, RequestState
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.lineage import newest_replacement

REQUEST_STATE_BY_DELIVERY_STATE = {
    DeliveryState.REVIEWED: RequestState.REVIEWED,
    DeliveryState.DEVELOPED: RequestState.DEVELOPED,
    DeliveryState.TESTED: RequestState.TESTED,
    DeliveryState.LIVE: RequestState.LIVE,
}


def derive_state(delivery_states: list[str]) -> RequestState:
    """Return the state of an approved request whose deliveries have these states.

    That of its least advanced delivery; live where it has none; withdrawn where none that counts is left.
    """
    counted = [state for state in COUNTED_DELIVERY_STATES if state in delivery_states]
    if counted:
        return REQUEST_STATE_BY_DELIVERY_STATE[counted[0]]
    return RequestState.WITHDRAWN if delivery_states else RequestState.LIVE


def recompute_state(request: Request, *, by: User, at: datetime) -> None:
    """Derive the state of an approved request from its deliveries, and record a change of it in its history.

    The caller has locked the request's row. The system withdraws a request that has no delivery left. One that was
    withdrawn because a newer version replaced it reopens when that version is no longer live, and a words-only request
    whose versions were all withdrawn is a draft again. What a person has ended stays ended.
    """
    deliveries = list(
        Delivery.objects.filter(change__request=request)
        .exclude(state=DeliveryState.PLANNED)
        .select_related("change__version", "superseded_by")
        .order_by("id")
    )
    deliveries = [delivery for delivery in deliveries if not _was_dropped_earlier(delivery)]
    derived = RequestState.DRAFT if _has_no_active_words(request) else derive_state(_effective_states(deliveries))
    if derived == request.state or not _follows_deliveries(request, deliveries):
        return
    previous_state, request.state = request.state, derived
    request.updated_at = at
    request.save(update_fields=["state", "updated_at"])
    reason = _system_reason(previous_state, derived, deliveries)
    record(
        by=User.objects.system() if reason else by,
        subject_type="request",
        subject_id=request.pk,
        action="moved",
        from_state=previous_state,
        to_state=derived,
        message=reason,
        at=at,
    )


def _has_no_active_words(request: Request) -> bool:
    """Whether it is a words-only request whose versions were all withdrawn."""
    return request.lane == Lane.WORDS and not request.changes.filter(version__isnull=False).exists()


def _was_dropped_earlier(delivery: Delivery) -> bool:
    """Whether it was dropped before its change was approved anew, as which no longer needs it."""
    version = delivery.change.version
    return delivery.state == DeliveryState.DROPPED and version is not None and delivery.updated_at <= version.created_at


def _effective_states(rows: list[Delivery]) -> list[str]:
    """Return the state that each delivery counts with.

    A superseded delivery reopens if the newer version is taken back. Until that one is live it counts with its
    previous state, unless another delivery decides the request's state.
    """
    if any(row.state in COUNTED_DELIVERY_STATES for row in rows):
        return [row.state for row in rows]
    return [row.superseded_from if _may_reopen(row) else row.state for row in rows]


def _may_reopen(delivery: Delivery) -> bool:
    if delivery.state != DeliveryState.SUPERSEDED:
        return False
    newer = newest_replacement(delivery)
    return newer is None or newer.state != DeliveryState.LIVE


def _follows_deliveries(request: Request, rows: list[Delivery]) -> bool:
    """Whether its deliveries decide its state: a person who ends a request also drops its superseded deliveries."""
    if request.state == RequestState.WITHDRAWN:
        return any(row.state == DeliveryState.SUPERSEDED for row in rows)
    return request.state in (*OPEN_REQUEST_STATES, RequestState.LIVE)


def _system_reason(previous_state: str, derived: RequestState, rows: list[Delivery]) -> str:
    """Return the system's reason; empty where the request follows what somebody did to its deliveries."""
    if derived == RequestState.DRAFT:
        return "The version that these words were for was taken back. Publish them again on the one that stands."
    if RequestState.WITHDRAWN not in (previous_state, derived):
        return ""
    replacing_delivery = next(filter(None, map(newest_replacement, rows)), None)
    if replacing_delivery is None:
        return "No delivery is left: all were dropped."
    replacing_change = replacing_delivery.change
    number = replacing_change.version.number if replacing_change.version else ""
    name = f"{replacing_change.name} {number}".strip()
    return (
        f"Replaced by {name}."
        if derived == RequestState.WITHDRAWN
        else f"{name}, which replaced it, is no longer live."
    )
