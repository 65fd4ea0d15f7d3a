"""The status of an event in the catalog, derived from its requests and deliveries."""

from datetime import datetime

from django.db.models import CharField, Exists, Max, OuterRef, Q
from django.db.models.functions import Cast

from accounts.models import HistoryEntry, User
from catalog.choices import Status
from catalog.models import Event, Version
from catalog.services.event_projections import update_event_status
from tracking.requests.choices import ChangeAction, DeliveryState, Lane, RequestState
from tracking.requests.models import Change, Delivery

APPROVED_STATES = (RequestState.REVIEWED, RequestState.DEVELOPED, RequestState.TESTED, RequestState.LIVE)


def project_event_status(event: Event, *, by: User, at: datetime) -> None:
    """Update an event's status in the catalog: ending by its newest approved change, else live, else planned."""
    newest_live = newest_live_version(event)
    ending_change = _ending_change(event)
    if ending_change is not None:
        status = Status.DEPRECATED if ending_change.action == ChangeAction.DEPRECATE else Status.RETIRED
        update_event_status(
            event,
            status,
            live_version=newest_live,
            successor=ending_change.successor,
            ends_on=ending_change.ends_on,
            by=by,
            at=at,
        )
    elif event.status in (Status.DEPRECATED, Status.RETIRED) and not _is_decided_by_request(event):
        update_event_status(
            event,
            event.status,
            live_version=newest_live,
            successor=event.successor,
            ends_on=event.ends_on,
            is_decision=False,
            by=by,
            at=at,
        )
    else:
        update_event_status(
            event, Status.LIVE if newest_live else Status.PLANNED, live_version=newest_live, by=by, at=at
        )


def newest_live_version(event: Event) -> Version | None:
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


def _ending_change(event: Event) -> Change | None:
    """Return the newest approved change that ends the event everywhere, unless more than words came after it."""
    changes = Change.objects.filter(
        event=event, action__in=(ChangeAction.DEPRECATE, ChangeAction.RETIRE), request__state__in=APPROVED_STATES
    ).select_related("successor", "request")
    approved = changes.annotate(approved_at=Max("request__approvals__created_at")).exclude(approved_at=None)
    change = approved.order_by("-approved_at", "-pk").first()
    if change is None:
        return None
    later = event.versions.filter(withdrawn_at=None, created_at__gt=change.approved_at)
    if later.exclude(change__lane=Lane.WORDS).exists():
        return None
    return change if _covers_all_sources(change, event) else None


def _covers_all_sources(change: Change, event: Event) -> bool:
    """Whether a change names every source that the newest version is for (or, to deprecate, none at all)."""
    source_ids = set(change.sources.values_list("pk", flat=True))
    if change.action == ChangeAction.DEPRECATE and not source_ids:
        return True
    newest = event.versions.filter(withdrawn_at=None).order_by("-major", "-minor", "-patch").first()
    return newest is None or set(newest.for_sources.values_list("source_id", flat=True)) <= source_ids


def _is_decided_by_request(event: Event) -> bool:
    """Whether a request decided the event's status, rather than the import that brought it.

    A change decides once its request was approved in full, even where that was undone since: what the change did to
    the status is undone with it. A draft, a submitted request, and one that was declined or withdrawn decide nothing.
    """
    ends_event = Q(action__in=(ChangeAction.DEPRECATE, ChangeAction.RETIRE))
    defines_event = Q(version__isnull=False) & ~Q(lane=Lane.WORDS)
    reviews = HistoryEntry.objects.filter(
        subject_type="request",
        subject_id=Cast(OuterRef("request_id"), CharField()),
        to_state=RequestState.REVIEWED,
    )
    return Change.objects.filter((ends_event & Q(Exists(reviews))) | defines_event, event=event).exists()
