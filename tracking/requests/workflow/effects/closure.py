"""Sending a request back to draft, declining it and withdrawing it: what its approval wrote is undone."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from catalog.services.bindings import end_bindings, set_delivery_open
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Delivery
from tracking.requests.workflow.delivery_planning import reset_to_planned
from tracking.requests.workflow.effects.supersession import lock_superseded, reassign_superseded, reopen
from tracking.requests.workflow.effects.withdrawal import (
    WithdrawnVersion,
    withdraw_change,
    withdraw_if_unused,
    withdrawal_result,
)
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult


def return_to_draft(context: StepContext) -> StepResult:
    """Withdraw the versions that were approved, and reset the deliveries to planned."""
    open_deliveries = _open_deliveries(context)
    superseded_ids = lock_superseded(open_deliveries)
    _unbind_all(open_deliveries, at=context.at)
    withdrawn: list[WithdrawnVersion] = []
    for change in context.changes:
        withdrawn += withdraw_change(change, at=context.at, message=context.comment)
    reset_to_planned(Delivery.objects.filter(change__request=context.request).open(), at=context.at)
    return withdrawal_result(withdrawn, reopened=reopen(context, superseded_ids))


def close_request(context: StepContext) -> StepResult:
    """Drop the deliveries that are not live, and withdraw each version without deliveries and without descendants.

    Live deliveries stay live: a separate step takes them back.
    """
    open_deliveries = _open_deliveries(context)
    superseded_ids = lock_superseded(open_deliveries)
    reassign_superseded(context)
    _unbind_all(open_deliveries, at=context.at)
    Delivery.objects.filter(change__request=context.request).exclude(state=DeliveryState.LIVE).update(
        state=DeliveryState.DROPPED, superseded_by=None, superseded_from="", updated_at=context.at
    )
    withdrawn: list[WithdrawnVersion] = []
    for change in context.changes:
        withdrawn += withdraw_if_unused(change, at=context.at, message=context.comment)
    return withdrawal_result(withdrawn, reopened=reopen(context, superseded_ids))


def unbind(delivery: Delivery, *, by: User, at: datetime) -> None:
    """End the bindings of a delivery: to its version, or for a retirement to none."""
    change = delivery.change
    if change.event is not None and (change.version is not None or not change.is_defining):
        end_bindings(change.event, change.version, delivery.source, by=by, at=at)


def _open_deliveries(context: StepContext) -> list[Delivery]:
    return [delivery for delivery in context.deliveries if delivery.is_open]


def _unbind_all(deliveries: Iterable[Delivery], *, at: datetime) -> None:
    """End the bindings of these deliveries and close them, in the name of the system (see `withdraw_change`)."""
    for delivery in deliveries:
        unbind(delivery, by=User.objects.system(), at=at)
        if delivery.change.version is not None:
            set_delivery_open(delivery.change.version, delivery.source, is_open=False)
