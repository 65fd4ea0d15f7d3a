"""What each step writes besides the state and the history; the table names each effect."""

from collections.abc import Callable

from tracking.requests.workflow.effects.closure import close_request, return_to_draft
from tracking.requests.workflow.effects.delivery_steps import (
    go_live,
    mark_developed,
    send_back,
    take_back_from_live,
    verify,
)
from tracking.requests.workflow.effects.drop import drop_delivery
from tracking.requests.workflow.effects.publication import approve, publish
from tracking.requests.workflow.effects.submission import submit
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult

Effect = Callable[[StepContext], StepResult]

EFFECTS: dict[str, Effect] = {
    effect.__name__: effect
    for effect in (
        submit,
        approve,
        publish,
        return_to_draft,
        close_request,
        mark_developed,
        send_back,
        verify,
        go_live,
        take_back_from_live,
        drop_delivery,
    )
}
"""Each takes the step's context, whose rows the caller has locked, and returns the step's result."""
