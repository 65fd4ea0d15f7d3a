"""Which sources a change must be delivered on, kept in step with its draft."""

from datetime import datetime

from catalog.contract import compare
from catalog.models import Source
from catalog.services.bindings import UNCHANGED_OUTCOMES
from tracking.requests.choices import ChangeAction, DeliveryState, Lane
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.lanes import assign_lanes


def plan_request(request: Request, *, at: datetime, only_change: Change | None = None) -> None:
    """Compute the lanes of a draft and keep a planned delivery for each source that a change must be built on.

    With `only_change`, only what follows from that change is recomputed.
    """
    assign_lanes(request, at=at, only_change=only_change)
    changes = request.changes.select_related("event", "base").prefetch_related("sources")
    for change in changes if only_change is None else changes.filter(pk=only_change.pk):
        plan_deliveries(change, at=at)


def plan_deliveries(change: Change, *, at: datetime) -> None:
    """Create and delete planned deliveries to match a change's sources; reset to planned those that were once open."""
    required_source_ids = {source.pk for source in change.sources.all() if needs_delivery(change, source)}
    change.deliveries.filter(state=DeliveryState.PLANNED).exclude(source__in=required_source_ids).delete()
    change.deliveries.filter(source__in=required_source_ids).exclude(state=DeliveryState.PLANNED).update(
        state=DeliveryState.PLANNED, updated_at=at
    )
    existing_source_ids = set(change.deliveries.values_list("source_id", flat=True))
    Delivery.objects.bulk_create(
        Delivery(change=change, source_id=source_id, updated_at=at)
        for source_id in sorted(required_source_ids - existing_source_ids)
    )


def needs_delivery(change: Change, source: Source) -> bool:
    """Whether a change must be implemented on a source.

    Not where only words change, where an event is deprecated, or where the contract of the source stays as it
    is: such a source inherits its binding.
    """
    if change.action == ChangeAction.DEPRECATE or change.lane == Lane.WORDS:
        return False
    if change.action == ChangeAction.RETIRE or change.base is None or change.problems:
        return True
    if not change.base.for_sources.filter(source=source).exists():
        return True
    comparison = compare(change.base.definition, change.definition, source=source.slug)
    return comparison.outcome not in UNCHANGED_OUTCOMES
