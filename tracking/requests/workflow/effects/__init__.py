"""What each step writes beside the state and the history; known to the table by name."""

from collections.abc import Callable

from tracking.requests.workflow.effects.closure import close, redraft
from tracking.requests.workflow.effects.delivery_steps import develop, go_live, undevelop, undo, verify
from tracking.requests.workflow.effects.drop import drop
from tracking.requests.workflow.effects.publication import approve, publish
from tracking.requests.workflow.effects.submission import submit
from tracking.requests.workflow.steps.step_context import Context

Effect = Callable[[Context], dict[str, object]]

EFFECTS: dict[str, Effect] = {
    "submit": submit,
    "approve": approve,
    "publish": publish,
    "redraft": redraft,
    "close": close,
    "develop": develop,
    "undevelop": undevelop,
    "verify": verify,
    "go_live": go_live,
    "undo": undo,
    "drop": drop,
}
"""Each takes the step's context, whose rows the caller holds, and answers the evidence that history keeps."""
