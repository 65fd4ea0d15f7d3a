"""The stepper of a request: its states in order, and how far each is."""

from dataclasses import dataclass

from tracking.requests.choices import COUNTED_DELIVERIES, Lane, State
from tracking.requests.models import Request

WAYS: dict[str, tuple[State, ...]] = {
    Lane.WORDS: (State.DRAFT, State.LIVE),
    Lane.DOCUMENTING: (State.DRAFT, State.REQUESTED, State.REVIEWED, State.LIVE),
    Lane.RETIRING: (State.DRAFT, State.REQUESTED, State.REVIEWED, State.DEVELOPED, State.LIVE),
    Lane.NEW: (State.DRAFT, State.REQUESTED, State.REVIEWED, State.DEVELOPED, State.TESTED, State.LIVE),
}
OUT_OF_THE_WAY = (State.DECLINED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Stage:
    """One state on the way. `reached` and `of` count deliveries that are there or further, where it has any."""

    state: str
    label: str
    is_done: bool
    is_current: bool
    reached: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Stepper:
    """The stages of a request, and how it ended where it left the way."""

    stages: tuple[Stage, ...]
    ended: str = ""  # Declined or Withdrawn

    def as_steps(self) -> list[dict[str, str]]:
        """Return the stages as the stepper part draws them."""
        return [
            {
                "label": stage.label,
                "state": "done" if stage.is_done else "current" if stage.is_current else "todo",
                "note": f"{stage.reached} of {stage.of} deliveries" if stage.of > 1 and stage.reached else "",
            }
            for stage in self.stages
        ]


def stepper(request: Request) -> Stepper:
    """Return the stepper of a request. Reads its changes and deliveries, prefetched ones without a query."""
    states = [delivery.state for change in request.changes.all() for delivery in change.deliveries.all()]
    counted = [COUNTED_DELIVERIES.index(state) for state in states if state in COUNTED_DELIVERIES]
    ended = request.get_state_display() if request.state in OUT_OF_THE_WAY else ""
    order = list(State)
    stands = -1 if ended else order.index(State(request.state))
    way = WAYS[request.lane]
    if not ended and State(request.state) not in way:
        way = tuple(sorted({*way, State(request.state)}, key=order.index))
    stages = []
    for state in way:
        at = next((index for index, each in enumerate(COUNTED_DELIVERIES) if each.value == state.value), None)
        stages.append(
            Stage(
                state=state,
                label=state.label,
                is_done=stands > order.index(state) or stands == order.index(State.LIVE),
                is_current=request.state == state,
                reached=0 if at is None else sum(index >= at for index in counted),
                of=0 if at is None else len(counted),
            )
        )
    return Stepper(tuple(stages), ended)
