"""Dropping one delivery; a version that nobody will deliver any more is withdrawn."""

from catalog.services.bindings import set_open
from tracking.requests.workflow.effects.closure import unbind
from tracking.requests.workflow.effects.supersession import hold_superseded, reopen
from tracking.requests.workflow.effects.withdrawal import hold_words, let_go, told
from tracking.requests.workflow.steps.step_context import Context


def drop(context: Context) -> dict[str, object]:
    """End what the delivery bound, and let what it superseded go on.

    Its version is withdrawn where no other delivery is left and nothing but words builds on it.
    """
    delivery, change = context.moved, context.moved.change
    older = hold_superseded([delivery])
    hold_words(context)
    unbind(delivery, by=context.by, at=context.at)
    if change.version is not None:
        set_open(change.version, delivery.source, is_open=False)
    withdrawn = let_go(change, at=context.at, message=context.comment, dropping=delivery)
    return told(withdrawn) | reopen(context, older)
