"""The stepper of a request: its states in order, and how far each is."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracking.requests.choices import COUNTED_DELIVERY_STATES, ENDED_REQUEST_STATES, Lane, RequestState
from tracking.requests.models import Delivery, Request

STATES_BY_LANE: dict[str, tuple[RequestState, ...]] = {
    Lane.WORDS: (RequestState.DRAFT, RequestState.LIVE),
    Lane.DOCUMENTING: (RequestState.DRAFT, RequestState.REQUESTED, RequestState.REVIEWED, RequestState.LIVE),
    Lane.RETIRING: (
        RequestState.DRAFT,
        RequestState.REQUESTED,
        RequestState.REVIEWED,
        RequestState.DEVELOPED,
        RequestState.LIVE,
    ),
    Lane.NEW: (
        RequestState.DRAFT,
        RequestState.REQUESTED,
        RequestState.REVIEWED,
        RequestState.DEVELOPED,
        RequestState.TESTED,
        RequestState.LIVE,
    ),
}


@dataclass(frozen=True, slots=True)
class StepperItem:
    """One state of the stepper, with how many of the request's deliveries have reached it."""

    state: str
    label: str
    is_done: bool
    is_current: bool
    deliveries_reached: int = 0
    deliveries_total: int = 0


@dataclass(frozen=True, slots=True)
class Stepper:
    """The states of a request, and how it ended where it did not go live."""

    items: tuple[StepperItem, ...]
    terminated_as: str = ""  # Declined or Withdrawn

    def as_template_items(self) -> list[dict[str, str]]:
        """Return the stages as the stepper part draws them."""
        return [
            {
                "label": stage.label,
                "state": "done" if stage.is_done else "current" if stage.is_current else "todo",
                "note": f"{stage.deliveries_reached} of {stage.deliveries_total} deliveries"
                if stage.deliveries_total > 1 and stage.deliveries_reached
                else "",
            }
            for stage in self.items
        ]


def build_stepper(request: Request, delivery_counts: Mapping[str, int] | None = None) -> Stepper:
    """Return the stepper of a request.

    `delivery_counts` says how many of its deliveries stand in each state; left out, they are counted with one query.
    """
    if delivery_counts is None:
        delivery_counts = Delivery.objects.filter(change__request=request).state_counts()
    counts_by_position = [delivery_counts.get(state, 0) for state in COUNTED_DELIVERY_STATES]
    terminated_as = request.get_state_display() if request.state in ENDED_REQUEST_STATES else ""
    order = list(RequestState)
    current_position = -1 if terminated_as else order.index(RequestState(request.state))
    lane_states = STATES_BY_LANE[request.lane]
    if not terminated_as and RequestState(request.state) not in lane_states:
        lane_states = tuple(sorted({*lane_states, RequestState(request.state)}, key=order.index))
    items = []
    for state in lane_states:
        delivery_position = next(
            (index for index, each in enumerate(COUNTED_DELIVERY_STATES) if each.value == state.value), None
        )
        items.append(
            StepperItem(
                state=state,
                label=state.label,
                is_done=current_position > order.index(state) or current_position == order.index(RequestState.LIVE),
                is_current=request.state == state,
                deliveries_reached=0 if delivery_position is None else sum(counts_by_position[delivery_position:]),
                deliveries_total=0 if delivery_position is None else sum(counts_by_position),
            )
        )
    return Stepper(tuple(items), terminated_as)
