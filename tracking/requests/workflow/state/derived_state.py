"""Where requests and events stand, worked out from their deliveries after each step."""

from datetime import datetime

from accounts.history import record
from accounts.models import User
from tracking.requests.choices import COUNTED_DELIVERIES, OPEN_REQUESTS, DeliveryState, Lane, State
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.lineage import replacement

BY_DELIVERY = {
    DeliveryState.REVIEWED: State.REVIEWED,
    DeliveryState.DEVELOPED: State.DEVELOPED,
    DeliveryState.TESTED: State.TESTED,
    DeliveryState.LIVE: State.LIVE,
}


def state_of(standing: list[str]) -> State:
    """Return where an approved request stands whose deliveries stand so.

    With its least advanced delivery; live where it needs none; withdrawn where none that counts is left.
    """
    counted = [state for state in COUNTED_DELIVERIES if state in standing]
    if counted:
        return BY_DELIVERY[counted[0]]
    return State.WITHDRAWN if standing else State.LIVE


def settle(request: Request, *, by: User, at: datetime) -> None:
    """Let an approved request stand where its deliveries do, and write that into its history.

    The caller holds the request's row. A request that no delivery is left for is withdrawn by the system. One that
    was withdrawn since a newer version replaced it goes on where that one is no longer live, and words whose versions
    were all taken back are a draft again. What a person has ended stays so.
    """
    rows = list(
        Delivery.objects.filter(change__request=request)
        .exclude(state=DeliveryState.PLANNED)
        .select_related("change", "superseded_by")
        .order_by("id")
    )
    stands = State.DRAFT if _is_unsaid(request) else state_of(_counting(rows))
    if stands == request.state or not _is_settled_here(request, rows):
        return
    before, request.state = request.state, stands
    request.updated_at = at
    request.save(update_fields=["state", "updated_at"])
    why = _why(before, stands, rows)
    record(
        by=User.objects.system() if why else by,
        subject_type="request",
        subject_id=request.pk,
        action="moved",
        from_state=before,
        to_state=stands,
        message=why,
        at=at,
    )


def _is_unsaid(request: Request) -> bool:
    """Whether it changes words alone, and none of its versions stands any more."""
    return request.lane == Lane.WORDS and not request.changes.filter(version__isnull=False).exists()


def _counting(rows: list[Delivery]) -> list[str]:
    """Return as what each delivery counts.

    What was superseded opens again if the newer version is taken back. Until that one is live it counts as where it
    stood, unless another delivery says where the request stands.
    """
    if any(row.state in COUNTED_DELIVERIES for row in rows):
        return [row.state for row in rows]
    return [row.superseded_from if _is_waiting(row) else row.state for row in rows]


def _is_waiting(delivery: Delivery) -> bool:
    if delivery.state != DeliveryState.SUPERSEDED:
        return False
    newer = replacement(delivery)
    return newer is None or newer.state != DeliveryState.LIVE


def _is_settled_here(request: Request, rows: list[Delivery]) -> bool:
    """Whether its deliveries decide where it stands: a person who ends a request drops what was superseded of it."""
    if request.state == State.WITHDRAWN:
        return any(row.state == DeliveryState.SUPERSEDED for row in rows)
    return request.state in (*OPEN_REQUESTS, State.LIVE)


def _why(before: str, stands: State, rows: list[Delivery]) -> str:
    """Return the system's reason; empty where the request follows what somebody did to its deliveries."""
    if stands == State.DRAFT:
        return "The version that these words were for was taken back. Publish them again on the one that stands."
    if State.WITHDRAWN not in (before, stands):
        return ""
    newer = next(filter(None, map(replacement, rows)), None)
    if newer is None:
        return "No delivery is left: all were dropped."
    name = f"{newer.change.name} {newer.change.version.number if newer.change.version else ''}".strip()
    return f"Replaced by {name}." if stands == State.WITHDRAWN else f"{name}, which replaced it, is no longer live."
