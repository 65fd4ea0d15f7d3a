"""Where requests and events stand, worked out from their deliveries after each step."""

from datetime import datetime

from django.db.models import Q

from accounts.history import record
from accounts.models import User
from catalog.choices import Status
from catalog.models import Event, Version
from catalog.services.projections import project_status
from tracking.requests.choices import COUNTED_DELIVERIES, OPEN_REQUESTS, Action, DeliveryState, Lane, State
from tracking.requests.lineage import replacement
from tracking.requests.models import Approval, Change, Delivery, Request

APPROVED = (State.REVIEWED, State.DEVELOPED, State.TESTED, State.LIVE)
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


def project_event(event: Event, *, by: User, at: datetime) -> None:
    """Say in the catalog where an event stands: ending by its newest approved change, else live, else planned."""
    live = live_version(event)
    ending = _ending(event)
    if ending is not None:
        status = Status.DEPRECATED if ending.action == Action.DEPRECATE else Status.RETIRED
        project_status(
            event, status, live_version=live, successor=ending.successor, ends_on=ending.ends_on, by=by, at=at
        )
    elif event.status in (Status.DEPRECATED, Status.RETIRED) and not _was_decided_here(event):
        project_status(
            event,
            event.status,
            live_version=live,
            successor=event.successor,
            ends_on=event.ends_on,
            by=by,
            at=at,
        )
    else:
        project_status(event, Status.LIVE if live else Status.PLANNED, live_version=live, by=by, at=at)


def live_version(event: Event) -> Version | None:
    """Return the newest version that is live: by a delivery, by its parent (words), or by a baseline."""
    versions = event.versions.filter(withdrawn_at=None).select_related("change").order_by("-major", "-minor", "-patch")
    by_id = {version.pk: version for version in versions}
    delivered: set[int | None] = set(
        Delivery.objects.filter(change__event=event, state=DeliveryState.LIVE).values_list(
            "change__version_id", flat=True
        )
    )
    return next((version for version in by_id.values() if _is_live(version, by_id, delivered, event)), None)


def _is_live(version: Version, by_id: dict[int, Version], delivered: set[int | None], event: Event) -> bool:
    if version.pk in delivered:
        return True
    change = getattr(version, "change", None)
    if change is None:
        return event.live_since is not None
    if change.lane == Lane.WORDS or not change.sources.exists():
        parent = by_id.get(version.parent_id) if version.parent_id is not None else None
        return parent is not None and _is_live(parent, by_id, delivered, event)
    return False


def _ending(event: Event) -> Change | None:
    """Return the newest approved change that ends the event everywhere, unless more than words came after it."""
    changes = Change.objects.filter(
        event=event, action__in=(Action.DEPRECATE, Action.RETIRE), request__state__in=APPROVED
    ).select_related("successor", "request")
    approved = [(approved_at, change) for change in changes if (approved_at := _approved_at(change)) is not None]
    newest = max(approved, key=lambda pair: (pair[0], pair[1].pk), default=None)
    if newest is None:
        return None
    approved_at, change = newest
    later = event.versions.filter(withdrawn_at=None, created_at__gt=approved_at)
    if later.exclude(change__lane=Lane.WORDS).exists():
        return None
    return change if _covers(change, event) else None


def _approved_at(change: Change) -> datetime | None:
    approval = Approval.objects.filter(request=change.request_id).order_by("-created_at", "-id").first()
    return approval.created_at if approval else None


def _covers(change: Change, event: Event) -> bool:
    """Whether a change names every source that the newest version is for (or, to deprecate, none at all)."""
    named = set(change.sources.values_list("pk", flat=True))
    if change.action == Action.DEPRECATE and not named:
        return True
    newest = event.versions.filter(withdrawn_at=None).order_by("-major", "-minor", "-patch").first()
    return newest is None or set(newest.for_sources.values_list("source_id", flat=True)) <= named


def _was_decided_here(event: Event) -> bool:
    """Whether a request, and not an import's own word, has said where the event stands."""
    ended = Q(action__in=(Action.DEPRECATE, Action.RETIRE))
    defined = Q(version__isnull=False) & ~Q(lane=Lane.WORDS)
    return Change.objects.filter(ended | defined, event=event).exists()
