"""Dropping one delivery; a version that has no other delivery left is withdrawn."""

from catalog.services.bindings import set_delivery_open
from tracking.requests.workflow.effects.closure import unbind
from tracking.requests.workflow.effects.supersession import lock_superseded, reopen
from tracking.requests.workflow.effects.withdrawal import lock_words_requests, withdraw_if_unused, withdrawal_result
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult


def drop_delivery(context: StepContext) -> StepResult:
    """End the delivery's bindings, and reopen the deliveries that it had superseded.

    Its version is withdrawn where no other delivery is left and at most words-only versions build on it.
    """
    delivery, change = context.target_delivery, context.target_delivery.change
    superseded_ids = lock_superseded([delivery])
    lock_words_requests(context)
    unbind(delivery, by=context.by, at=context.at)
    if change.version is not None:
        set_delivery_open(change.version, delivery.source, is_open=False)
    withdrawn = withdraw_if_unused(change, at=context.at, message=context.comment, ignored_delivery=delivery)
    return withdrawal_result(withdrawn, reopened=reopen(context, superseded_ids))
