"""Which sources a change must be delivered on, kept in step with its draft."""

from datetime import datetime

from catalog.contract import compare, problems
from catalog.models import Source
from catalog.services.bindings import UNCHANGED
from tracking.requests.choices import Action, DeliveryState, Lane
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.lanes import lay_lanes


def plan(request: Request, *, at: datetime, only: Change | None = None) -> None:
    """Compute the lanes of a draft and keep a planned delivery for each source that a change must be built on.

    With `only`, what follows from that change alone is worked out anew.
    """
    lay_lanes(request, at=at, only=only)
    changes = request.changes.select_related("event", "base").prefetch_related("sources")
    for change in changes if only is None else changes.filter(pk=only.pk):
        plan_deliveries(change, at=at)


def plan_deliveries(change: Change, *, at: datetime) -> None:
    """Make the planned deliveries of a change fit its sources. What was once under way is planned anew."""
    wanted = {source.pk for source in change.sources.all() if must_deliver(change, source)}
    change.deliveries.filter(state=DeliveryState.PLANNED).exclude(source__in=wanted).delete()
    change.deliveries.filter(source__in=wanted).exclude(state=DeliveryState.PLANNED).update(
        state=DeliveryState.PLANNED, updated_at=at
    )
    known = set(change.deliveries.values_list("source_id", flat=True))
    Delivery.objects.bulk_create(
        Delivery(change=change, source_id=source_id, updated_at=at) for source_id in sorted(wanted - known)
    )


def must_deliver(change: Change, source: Source) -> bool:
    """Whether somebody has to build a change on a source.

    Not where only words change, where an event is deprecated, or where the contract of the source stays as it
    is: such a source inherits its binding.
    """
    if change.action == Action.DEPRECATE or change.lane == Lane.WORDS:
        return False
    if change.action == Action.RETIRE or change.base is None or problems(change.definition):
        return True
    if not change.base.for_sources.filter(source=source).exists():
        return True
    found = compare(change.base.definition, change.definition, source=source.slug)
    return found.outcome not in UNCHANGED
