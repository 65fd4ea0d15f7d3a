"""The ways out and back of a whole request: what its approval wrote is taken back, number by number."""

from datetime import datetime

from accounts.models import User
from catalog.services.bindings import end_bindings, set_open
from catalog.services.versions import withdraw_version
from tracking.requests.choices import OPEN_DELIVERIES, DeliveryState
from tracking.requests.guards import Context
from tracking.requests.models import Change, Delivery
from tracking.requests.querysets import DeliveryQuerySet
from tracking.requests.services.effects.superseding import hold_superseded, reopen


def redraft(context: Context) -> dict[str, object]:
    """Take back what was approved and plan its deliveries anew."""
    older = hold_superseded(context.deliveries)
    evidence = _take_back(context)
    _open_deliveries(context).update(
        state=DeliveryState.PLANNED, developed_at=None, developed_by=None, updated_at=context.at
    )
    return evidence | reopen(context, older)


def close(context: Context) -> dict[str, object]:
    """Take back what was approved and drop its deliveries."""
    older = hold_superseded(context.deliveries)
    evidence = _take_back(context)
    _open_deliveries(context).update(state=DeliveryState.DROPPED, updated_at=context.at)
    return evidence | reopen(context, older)


def _open_deliveries(context: Context) -> DeliveryQuerySet:
    return Delivery.objects.filter(change__request=context.request).open()


def _take_back(context: Context) -> dict[str, object]:
    """Withdraw each version with its bindings.

    An author may take back what an analyst approved, so these writes are the system's; the step itself is
    recorded with the person.
    """
    system = User.objects.system()
    withdrawn = []
    for change in context.changes:
        if change.version is not None:
            withdrawn.append(f"{change.name} {change.version.number}")
            take_back_version(change, by=system, at=context.at, message=context.comment)
        for delivery in change.deliveries.filter(state__in=OPEN_DELIVERIES).select_related("source"):
            unbind(delivery, by=system, at=context.at)
    return {"withdrawn": withdrawn} if withdrawn else {}


def take_back_version(change: Change, *, by: User, at: datetime, message: str) -> None:
    """Withdraw a change's version: its bindings end, its number stays used, the change is a draft again."""
    version = change.version
    if version is None:
        return
    for row in version.for_sources.select_related("source").order_by("source"):
        set_open(version, row.source, is_open=False, is_superseded=row.is_superseded)
        end_bindings(version.event, version, row.source, by=by, at=at)
    change.version = None
    change.save(update_fields=["version"])
    withdraw_version(version, by=by, message=message, at=at)


def unbind(delivery: Delivery, *, by: User, at: datetime) -> None:
    """End what a delivery bound: its version, or for a retirement nothing."""
    change = delivery.change
    if change.event is not None and (change.version is not None or not change.is_defining):
        end_bindings(change.event, change.version, delivery.source, by=by, at=at)
