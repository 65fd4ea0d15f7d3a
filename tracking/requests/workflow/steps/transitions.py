"""The table of transitions: from which state to which, by whom, in which lanes, under which conditions."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounts.roles import Capability
from tracking.requests.choices import (
    LANES_DEVELOPED,
    LANES_PROVEN_LIVE,
    LANES_VERIFIED,
    OPEN_DELIVERY_STATES,
    OPEN_REQUEST_STATES,
    DeliveryState,
    Lane,
    RequestState,
)


class Subject(StrEnum):
    """What a transition moves."""

    REQUEST = "request"
    DELIVERY = "delivery"


class Actor(StrEnum):
    """Who takes a step, where a capability alone does not decide it."""

    AUTHOR = "author"  # the author or the owner of the request
    APPROVER = "approver"  # somebody who may give one of the approvals that the request needs
    OWNER = "owner"  # somebody who may publish words of each of the request's events
    SYSTEM = "system"


class InputKind(StrEnum):
    """An input of a step; `workflow.steps.step_inputs` decides when it is required."""

    COMMENT = "comment"
    ACCEPTED_WARNINGS = "accepted_warnings"  # a comment, which must be given where the lint warns
    REASON = "reason"  # a comment that must be given
    APP_VERSION = "app_version"
    IDS = "ids"
    SAMPLE = "sample"  # the stored event that shows why
    REPLAY = "replay"


EVERY_LANE = frozenset(Lane)


@dataclass(frozen=True, slots=True)
class Transition:
    """One step that a request or delivery may take.

    `guards` name functions of `workflow.guards.GUARDS`: conditions that must hold. `inputs` are fields of its form.
    `effect` names a function of `workflow.effects.EFFECTS`: what the step writes besides the state and the history.
    With `follows_deliveries` the request's state is then derived from its deliveries.
    """

    subject: Subject
    from_states: frozenset[str]
    to: str
    by: Capability | Actor
    label: str
    effect: str
    guards: tuple[str, ...] = ()
    lanes: frozenset[Lane] = EVERY_LANE
    inputs: tuple[InputKind, ...] = (InputKind.COMMENT,)
    follows_deliveries: bool = False

    @property
    def is_automatic(self) -> bool:
        """Whether only the system takes it."""
        return self.by is Actor.SYSTEM


def _request_transition(
    states: Iterable[str], to: RequestState, by: Capability | Actor, label: str, effect: str, **options: object
) -> Transition:
    return Transition(Subject.REQUEST, frozenset(states), to, by, label, effect, **options)  # type: ignore[arg-type]


def _delivery_transition(
    states: Iterable[str], to: DeliveryState, by: Capability | Actor, label: str, effect: str, **options: object
) -> Transition:
    options = {"follows_deliveries": True} | options
    return Transition(Subject.DELIVERY, frozenset(states), to, by, label, effect, **options)  # type: ignore[arg-type]


REVIEW_GUARDS = (
    *("has_changes", "definitions_valid", "names_distinct", "based_on_newest", "required_fields"),
    # Again where a version is written: what is an error may be more than when it was submitted, after an upgrade.
    "no_lint_errors",
)
SUBMISSION_GUARDS = (*REVIEW_GUARDS, "dates_to_come")

TRANSITIONS: tuple[Transition, ...] = (
    _request_transition(
        {RequestState.DRAFT},
        RequestState.REQUESTED,
        Actor.AUTHOR,
        "Submit for review",
        "submit",
        guards=SUBMISSION_GUARDS,
    ),
    _request_transition(
        {RequestState.REQUESTED},
        RequestState.REVIEWED,
        Actor.APPROVER,
        "Approve",
        "approve",
        guards=(*REVIEW_GUARDS, "four_eyes", "every_approval_given"),
        inputs=(InputKind.ACCEPTED_WARNINGS, InputKind.REPLAY),
        follows_deliveries=True,
    ),
    _request_transition(
        {RequestState.DRAFT, RequestState.REQUESTED},
        RequestState.LIVE,
        Actor.OWNER,
        "Publish",
        "publish",
        guards=(*SUBMISSION_GUARDS, "words_approved"),
        lanes=frozenset({Lane.WORDS}),
    ),
    _request_transition(
        {RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED},
        RequestState.DRAFT,
        Actor.APPROVER,
        "Send back to draft",
        "return_to_draft",
        guards=("no_tested_delivery", "no_dependent_version"),
        inputs=(InputKind.REASON,),
    ),
    _request_transition(
        {RequestState.REQUESTED, RequestState.REVIEWED, RequestState.DEVELOPED},
        RequestState.DRAFT,
        Actor.AUTHOR,
        "Take back to draft",
        "return_to_draft",
        guards=("no_tested_delivery", "no_dependent_version"),
        inputs=(InputKind.REASON,),
    ),
    _request_transition(
        OPEN_REQUEST_STATES,
        RequestState.DECLINED,
        Capability.REQUEST_DECLINE,
        "Decline",
        "close_request",
        inputs=(InputKind.REASON,),
    ),
    _request_transition(
        OPEN_REQUEST_STATES,
        RequestState.WITHDRAWN,
        Actor.AUTHOR,
        "Withdraw",
        "close_request",
        inputs=(InputKind.REASON,),
    ),
    _delivery_transition(
        {DeliveryState.REVIEWED},
        DeliveryState.DEVELOPED,
        Capability.DELIVERY_DEVELOP,
        "Mark as developed",
        "mark_developed",
        lanes=LANES_DEVELOPED,
        inputs=(InputKind.APP_VERSION, InputKind.COMMENT),
    ),
    _delivery_transition(
        {DeliveryState.DEVELOPED},
        DeliveryState.TESTED,
        Capability.DELIVERY_VERIFY,
        "Verify",
        "verify",
        guards=("not_developer", "sufficient_staging_evidence"),
        lanes=LANES_VERIFIED,
        inputs=(InputKind.COMMENT, InputKind.IDS),
    ),
    _delivery_transition(
        {DeliveryState.TESTED},
        DeliveryState.LIVE,
        Actor.SYSTEM,
        "Proven live",
        "go_live",
        guards=("proven_in_production",),
        lanes=LANES_PROVEN_LIVE,
    ),
    _delivery_transition(
        {DeliveryState.TESTED},
        DeliveryState.LIVE,
        Capability.DELIVERY_PROVE,
        "Declare live",
        "go_live",
        guards=("unprovable_by_traffic",),
        lanes=LANES_PROVEN_LIVE,
        inputs=(InputKind.REASON,),
    ),
    _delivery_transition(
        {DeliveryState.DEVELOPED},
        DeliveryState.REVIEWED,
        Capability.DELIVERY_SEND_BACK,
        "Send back",
        "send_back",
        inputs=(InputKind.REASON, InputKind.SAMPLE),
    ),
    _delivery_transition(
        {DeliveryState.LIVE},
        DeliveryState.TESTED,
        Capability.DELIVERY_UNDO,
        "Take back from live",
        "take_back_from_live",
        lanes=LANES_PROVEN_LIVE,
        inputs=(InputKind.REASON,),
    ),
    _delivery_transition(
        OPEN_DELIVERY_STATES,
        DeliveryState.DROPPED,
        Capability.DELIVERY_DROP,
        "Drop",
        "drop_delivery",
        inputs=(InputKind.REASON,),
    ),
)
"""All transitions of requests and deliveries, one row a step.

One step is missing: a retirement's developed → live, which the system will take when traffic is absent. Until
absence is measured a retirement stays developed, which already binds every later event to no version.
"""


def steps_to(subject: Subject, to: str) -> list[Transition]:
    """Return the rows that end in a state, in the order in which they are tried."""
    return [row for row in TRANSITIONS if row.subject is subject and row.to == to]


def steps_from(subject: Subject, state: str, lane: str) -> list[Transition]:
    """Return the rows that start from a state in a lane."""
    return [row for row in TRANSITIONS if row.subject is subject and state in row.from_states and lane in row.lanes]
