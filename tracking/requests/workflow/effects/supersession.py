"""A newer version supersedes its ancestors' open deliveries on its source; until it is live they can be reopened."""

from collections.abc import Iterable

from django.db.models import F

from catalog.models import Version
from catalog.services.bindings import set_delivery_open, supersede_ancestors
from tracking.requests.choices import OPEN_REQUEST_STATES, DeliveryState
from tracking.requests.models import Delivery, Request
from tracking.requests.models.delivery import DeliveryQuerySet
from tracking.requests.workflow.lineage import ancestor_ids
from tracking.requests.workflow.steps.step_context import StepContext


def lock_ancestor_deliveries(delivery: Delivery) -> list[int]:
    """Lock the open deliveries of the version's ancestors on this source, and return their ids.

    Their requests first, as every step does. A step only ever waits for those of its ancestors, so no two wait for
    each other.
    """
    version = delivery.change.version
    if version is None:
        return []
    return _lock_with_requests(
        Delivery.objects.filter(source=delivery.source, change__version__in=ancestor_ids(version)).open()
    )


def lock_superseded(deliveries: Iterable[Delivery]) -> list[int]:
    """Lock the deliveries that these have superseded, with their requests, and return their ids."""
    return _lock_with_requests(
        Delivery.objects.filter(superseded_by__in=list(deliveries), state=DeliveryState.SUPERSEDED)
    )


def lock_replaced(delivery: Delivery) -> list[int]:
    """Lock all that a delivery has superseded, itself or through others, with their requests; return their ids."""
    replaced_ids: list[int] = []
    frontier = [delivery.pk]
    while frontier:
        superseded = Delivery.objects.filter(superseded_by__in=frontier, state=DeliveryState.SUPERSEDED)
        frontier = list(superseded.values_list("pk", flat=True))
        replaced_ids += frontier
    return _lock_with_requests(Delivery.objects.filter(pk__in=replaced_ids)) if replaced_ids else []


def reassign_superseded(context: StepContext) -> None:
    """Point the deliveries that the request's superseded deliveries had superseded to the newest delivery instead.

    The request's own deliveries end with it, so they could never reopen another one.
    """
    for delivery in context.deliveries:
        if delivery.state == DeliveryState.SUPERSEDED:
            superseded_ids = lock_superseded([delivery])
            Delivery.objects.filter(pk__in=superseded_ids).update(superseded_by=delivery.superseded_by)


def supersede(context: StepContext, delivery_ids: list[int]) -> list[int]:
    """Mark the locked deliveries of the version's ancestors as superseded, keeping their state; return their ids."""
    delivery = context.target_delivery
    if delivery.change.version is not None:
        supersede_ancestors(delivery.change.version, delivery.source)
    Delivery.objects.filter(pk__in=delivery_ids).update(
        state=DeliveryState.SUPERSEDED, superseded_by=delivery, superseded_from=F("state"), updated_at=context.at
    )
    return delivery_ids


def reopen(context: StepContext, delivery_ids: list[int]) -> list[int]:
    """Return locked deliveries to the state that they had before they were superseded; return the ids of those that do.

    What was closed or taken back meanwhile stays as it is.
    """
    rows = Delivery.objects.filter(
        pk__in=delivery_ids, change__request__state__in=OPEN_REQUEST_STATES, change__version__withdrawn_at=None
    ).select_related("change__version", "source")
    reopened: list[int] = []
    for row in rows.order_by("pk"):
        version: Version | None = row.change.version
        if version is None:
            continue
        row.state, row.superseded_by, row.superseded_from = row.superseded_from, None, ""
        row.updated_at = context.at
        row.save(update_fields=["state", "superseded_by", "superseded_from", "updated_at"])
        set_delivery_open(version, row.source, is_open=True)
        reopened.append(row.pk)
    return reopened


def _lock_with_requests(rows: DeliveryQuerySet) -> list[int]:
    requests = Request.objects.filter(pk__in=set(rows.values_list("change__request", flat=True)))
    list(requests.select_for_update(no_key=True).order_by("pk"))
    return [row.pk for row in rows.select_for_update(of=("self",), no_key=True).order_by("id")]
