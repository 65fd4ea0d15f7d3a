"""What each step writes beside the state and the history; known to the table by name."""

from collections.abc import Callable

from tracking.requests.guards import Context
from tracking.requests.services.effects.approving import approve, publish
from tracking.requests.services.effects.closing import close, redraft
from tracking.requests.services.effects.delivering import develop, go_live, undevelop, undo, verify
from tracking.requests.services.effects.dropping import drop
from tracking.requests.services.effects.submitting import submit

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
