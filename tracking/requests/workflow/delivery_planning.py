"""Which sources a change must be delivered on, kept in step with its draft."""

from datetime import datetime

from catalog.contract import compare
from catalog.models import Source
from catalog.services.bindings import UNCHANGED_OUTCOMES
from tracking.requests.choices import ChangeAction, DeliveryState, Lane
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.models.delivery import DeliveryQuerySet
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
    """Keep one planned delivery for each source that a change must be built on.

    Those once open are reset. Planned ones on other sources are deleted, or dropped where a signature or a pinned event
    must stay on record.
    """
    required_source_ids = {source.pk for source in change.sources.all() if needs_delivery(change, source)}
    unneeded = change.deliveries.filter(state=DeliveryState.PLANNED).exclude(source__in=required_source_ids)
    unneeded.on_record().update(state=DeliveryState.DROPPED, updated_at=at)
    unneeded.delete()
    reset_to_planned(
        change.deliveries.filter(source__in=required_source_ids).exclude(state=DeliveryState.PLANNED), at=at
    )
    existing_source_ids = set(change.deliveries.values_list("source_id", flat=True))
    Delivery.objects.bulk_create(
        Delivery(change=change, source_id=source_id, updated_at=at)
        for source_id in sorted(required_source_ids - existing_source_ids)
    )


def reset_to_planned(deliveries: DeliveryQuerySet, *, at: datetime) -> None:
    """Set deliveries of a draft back to planned: who built and tested an earlier version is history, no fact of theirs.

    Their round stays, for evidence belongs to one (see `Delivery`).
    """
    deliveries.update(
        state=DeliveryState.PLANNED,
        app_version="",
        developed_at=None,
        developed_by=None,
        tested_at=None,
        tested_by=None,
        live_at=None,
        superseded_by=None,
        superseded_from="",
        updated_at=at,
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
