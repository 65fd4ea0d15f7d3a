"""The steps that a page offers: which one is next, and why the others have to wait."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.urls import reverse

from accounts.models import User
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.evidence.current_app_versions import CurrentAppVersions, current_app_versions
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.models import Delivery, Request
from tracking.requests.pages.presenters.status_messages import waiting_message
from tracking.requests.workflow.approval_service import approving_step
from tracking.requests.workflow.available_steps import AvailableStep, available_steps

FORWARD_TRANSITIONS: dict[str, set[str]] = {
    RequestState.DRAFT: {RequestState.REQUESTED, RequestState.LIVE},
    RequestState.REQUESTED: {RequestState.REVIEWED, RequestState.LIVE},
    DeliveryState.REVIEWED: {DeliveryState.DEVELOPED},
    DeliveryState.DEVELOPED: {DeliveryState.TESTED},
    DeliveryState.TESTED: {DeliveryState.LIVE},
}
"""From each state, the states that lie on the way; every other step leads back or out of it."""

REQUEST_HINTS: dict[str, str] = {
    RequestState.REQUESTED: "An analyst then looks at it. Until it is approved you can take it back.",
    RequestState.REVIEWED: "Each change becomes a version with its number, and developers can begin.",
    RequestState.LIVE: "Only words change, so nobody has to approve them: everybody reads them at once.",
    RequestState.DRAFT: "It can be edited again. Approvals of what it said no longer count.",
    RequestState.DECLINED: "It ends here, with your reason. What was approved is taken back.",
    RequestState.WITHDRAWN: "It ends here, with your reason. What was approved is taken back.",
}
PARTIAL_APPROVAL_HINT = "You approve your part of it. Nothing changes until others have approved theirs."
DELIVERY_HINTS: dict[str, str] = {
    DeliveryState.DEVELOPED: "From this app version on, events are validated against the new version.",
    DeliveryState.TESTED: "You sign with what arrived outside production. Then production has to prove it.",
    DeliveryState.LIVE: "For sources whose events cannot show which version they come from.",
    DeliveryState.REVIEWED: "The developer builds it again, and the evidence begins anew.",
    DeliveryState.DROPPED: "This source will not send it. The request goes on without it.",
}

TERMINATING_STATES = (RequestState.DECLINED, RequestState.WITHDRAWN, DeliveryState.DROPPED)


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """One step with its form: where it posts, what it moves, and which way it leads."""

    step: AvailableStep
    url: str
    key: str  # unique on the page: the ids of its fields begin with it
    is_forward: bool
    is_terminating: bool
    delivery: Delivery | None = None
    current_app_versions: CurrentAppVersions | None = None  # where the step asks for an app version
    waiting: str = ""  # who has to take the step, for everybody else

    @property
    def label(self) -> str:
        """The button's words, with the source where a delivery moves."""
        return f"{self.step.label} on {self.delivery.source}" if self.delivery else self.step.label

    @property
    def hint(self) -> str:
        """What follows from it."""
        if self.step.is_partial:
            return PARTIAL_APPROVAL_HINT
        if self.delivery is None:
            return REQUEST_HINTS.get(RequestState(self.step.to), "")
        if self.delivery.state == DeliveryState.LIVE:
            return "Its bindings end, and production has to prove it anew."
        return DELIVERY_HINTS.get(DeliveryState(self.step.to), "")


@dataclass(frozen=True, slots=True)
class AvailableActions:
    """Everything that can happen next: `main` is the one step that the page shows large, where there is one."""

    main: AvailableAction | None
    secondary: tuple[AvailableAction, ...]

    @property
    def ready(self) -> list[AvailableAction]:
        return [action for action in self.secondary if action.step.is_allowed]

    @property
    def waiting(self) -> list[AvailableAction]:
        """Steps that the person may take once their conditions hold."""
        return [action for action in self.secondary if action.step.is_permitted and not action.step.is_allowed]


def actions_for_request(
    request: Request,
    deliveries: Iterable[Delivery],
    user: User,
    *,
    focused_delivery: int | None = None,
    evidence: LoadedEvidence | None = None,
) -> AvailableActions:
    """Return the steps of a request and of some of its deliveries, as they stand open to somebody.

    `evidence` is that of these deliveries, so that none costs a query of its own.

    The main one is that of the chosen delivery, where they may take it; else the first on the way that they may take
    now; else the first that they could take once its conditions hold; else the first of others, so that the page can
    say who has to act.
    """
    steps = [approving_step(step, request, user) for step in available_steps(request, user)]
    actions = [_request_action(request, step) for step in steps]
    for delivery in deliveries:
        actions += [_delivery_action(delivery, step) for step in available_steps(delivery, user, evidence=evidence)]
    actions = _with_current_app_versions(actions)
    forward = [action for action in actions if action.is_forward]
    main = min(
        forward,
        key=lambda action: (not _is_focused(action, focused_delivery), *_main_action_rank(action)),
        default=None,
    )
    return AvailableActions(
        main, tuple(sorted((action for action in actions if action is not main), key=_display_rank))
    )


def actions_for_delivery(delivery: Delivery, user: User) -> AvailableActions:
    """Return the steps of one delivery, as `actions_for_request` does."""
    actions = _with_current_app_versions([_delivery_action(delivery, step) for step in available_steps(delivery, user)])
    main = min((action for action in actions if action.is_forward), key=_main_action_rank, default=None)
    return AvailableActions(main, tuple(action for action in actions if action is not main))


def _request_action(request: Request, step: AvailableStep) -> AvailableAction:
    url = reverse("requests:move", args=[request.pk])
    is_forward = step.to in FORWARD_TRANSITIONS.get(RequestState(request.state), ())
    waiting = waiting_message(request, step.to)
    return AvailableAction(step, url, f"r-{step.to}", is_forward, step.to in TERMINATING_STATES, waiting=waiting)


def _delivery_action(delivery: Delivery, step: AvailableStep) -> AvailableAction:
    url = reverse("requests:move_delivery", args=[delivery.pk])
    is_forward = step.to in FORWARD_TRANSITIONS.get(DeliveryState(delivery.state), ())
    if delivery.state == DeliveryState.TESTED and not step.is_allowed:
        is_forward = False  # the system's turn: by hand is only for what no event can show
    waiting = waiting_message(delivery.change.request, step.to, delivery)
    return AvailableAction(
        step, url, f"d{delivery.pk}-{step.to}", is_forward, step.to in TERMINATING_STATES, delivery, waiting=waiting
    )


def _with_current_app_versions(actions: list[AvailableAction]) -> list[AvailableAction]:
    """Add what runs today to the steps that ask for an app version and can be taken."""
    version_actions = [
        action
        for action in actions
        if action.delivery
        and action.step.is_allowed
        and any(each.field == "app_version" for each in action.step.inputs)
    ]
    by_source = current_app_versions({action.delivery.source for action in version_actions if action.delivery})
    return [
        replace(action, current_app_versions=by_source[action.delivery.source_id])
        if action in version_actions and action.delivery
        else action
        for action in actions
    ]


def _is_focused(action: AvailableAction, focused_delivery: int | None) -> bool:
    return action.delivery is not None and action.delivery.pk == focused_delivery and action.step.is_permitted


def _main_action_rank(action: AvailableAction) -> tuple[bool, bool, bool]:
    # Words may be submitted or published at once; whoever may publish need not submit.
    return not action.step.is_allowed, not action.step.is_permitted, action.step.to != RequestState.LIVE


def _display_rank(action: AvailableAction) -> tuple[bool, bool, bool]:
    return not action.step.is_allowed, not action.is_forward, action.is_terminating
