"""The one table of the request's way: from where to where, by whom, in which lanes, and what it needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from accounts.roles import Capability
from tracking.requests.choices import BUILT, LIVING, OPEN_DELIVERIES, OPEN_REQUESTS, TESTED, DeliveryState, Lane, State


class Subject(StrEnum):
    """What moves."""

    REQUEST = "request"
    DELIVERY = "delivery"


class Actor(StrEnum):
    """Who takes a step that no capability alone decides."""

    AUTHOR = "author"  # the author or the owner of the request
    OWNER = "owner"  # somebody who may publish words of each of the request's events
    SYSTEM = "system"


class Ask(StrEnum):
    """What the person brings to a step; `workflow.steps.step_inputs` knows which must be filled when."""

    COMMENT = "comment"
    REASON = "reason"  # a comment that must be given
    APP_VERSION = "app_version"
    IDS = "ids"
    SAMPLE = "sample"  # the stored event that shows why
    REPLAY = "replay"


EVERY_LANE = frozenset(Lane)


@dataclass(frozen=True, slots=True)
class Transition:
    """One step that a request or delivery may take.

    `guards` are names of `workflow.guards.GUARDS`: conditions of the world. `asks` are what the person brings. `effect`
    is a name of `workflow.effects.EFFECTS`: what the step writes beside the state and the history.
    """

    subject: Subject
    states: frozenset[str]
    to: str
    by: Capability | Actor
    label: str
    effect: str
    guards: tuple[str, ...] = ()
    lanes: frozenset[Lane] = EVERY_LANE
    asks: tuple[Ask, ...] = (Ask.COMMENT,)

    @property
    def is_automatic(self) -> bool:
        """Whether only the system takes it."""
        return self.by is Actor.SYSTEM


def _request(
    states: Iterable[str], to: State, by: Capability | Actor, label: str, effect: str, **more: object
) -> Transition:
    return Transition(Subject.REQUEST, frozenset(states), to, by, label, effect, **more)  # type: ignore[arg-type]


def _delivery(
    states: Iterable[str], to: DeliveryState, by: Capability | Actor, label: str, effect: str, **more: object
) -> Transition:
    return Transition(Subject.DELIVERY, frozenset(states), to, by, label, effect, **more)  # type: ignore[arg-type]


SUBMITTABLE = ("has_changes", "valid", "parent_newest", "fields")

TRANSITIONS: tuple[Transition, ...] = (
    _request({State.DRAFT}, State.REQUESTED, Actor.AUTHOR, "Submit for review", "submit", guards=SUBMITTABLE),
    _request(
        {State.REQUESTED},
        State.REVIEWED,
        Capability.REQUEST_APPROVE,
        "Approve",
        "approve",
        guards=(*SUBMITTABLE, "four_eyes"),
        asks=(Ask.COMMENT, Ask.REPLAY),
    ),
    _request(
        {State.DRAFT, State.REQUESTED},
        State.LIVE,
        Actor.OWNER,
        "Publish",
        "publish",
        guards=SUBMITTABLE,
        lanes=frozenset({Lane.WORDS}),
    ),
    _request(
        {State.REQUESTED, State.REVIEWED, State.DEVELOPED},
        State.DRAFT,
        Capability.REQUEST_APPROVE,
        "Send back to draft",
        "redraft",
        guards=("nothing_tested", "nothing_built_on_it"),
        asks=(Ask.REASON,),
    ),
    _request(
        {State.REQUESTED, State.REVIEWED, State.DEVELOPED},
        State.DRAFT,
        Actor.AUTHOR,
        "Take back to draft",
        "redraft",
        guards=("nothing_tested", "nothing_built_on_it"),
        asks=(Ask.REASON,),
    ),
    _request(
        OPEN_REQUESTS,
        State.DECLINED,
        Capability.REQUEST_DECLINE,
        "Decline",
        "close",
        asks=(Ask.REASON,),
    ),
    _request(
        OPEN_REQUESTS,
        State.WITHDRAWN,
        Actor.AUTHOR,
        "Withdraw",
        "close",
        asks=(Ask.REASON,),
    ),
    _delivery(
        {DeliveryState.REVIEWED},
        DeliveryState.DEVELOPED,
        Capability.DELIVERY_DEVELOP,
        "Mark as developed",
        "develop",
        lanes=BUILT,
        asks=(Ask.APP_VERSION, Ask.COMMENT),
    ),
    _delivery(
        {DeliveryState.DEVELOPED},
        DeliveryState.TESTED,
        Capability.DELIVERY_VERIFY,
        "Verify",
        "verify",
        guards=("not_developer", "evidence"),
        lanes=TESTED,
        asks=(Ask.COMMENT, Ask.IDS),
    ),
    _delivery(
        {DeliveryState.TESTED},
        DeliveryState.LIVE,
        Actor.SYSTEM,
        "Proven live",
        "go_live",
        guards=("proof",),
        lanes=LIVING,
    ),
    _delivery(
        {DeliveryState.TESTED},
        DeliveryState.LIVE,
        Capability.DELIVERY_PROVE,
        "Declare live",
        "go_live",
        guards=("cannot_show",),
        lanes=LIVING,
        asks=(Ask.REASON,),
    ),
    _delivery(
        {DeliveryState.DEVELOPED},
        DeliveryState.REVIEWED,
        Capability.DELIVERY_SEND_BACK,
        "Send back",
        "undevelop",
        asks=(Ask.REASON, Ask.SAMPLE),
    ),
    _delivery(
        {DeliveryState.LIVE},
        DeliveryState.TESTED,
        Capability.DELIVERY_UNDO,
        "Take back from live",
        "undo",
        lanes=LIVING,
        asks=(Ask.REASON,),
    ),
    _delivery(OPEN_DELIVERIES, DeliveryState.DROPPED, Capability.DELIVERY_DROP, "Drop", "drop", asks=(Ask.REASON,)),
)
"""The way of every request and delivery, one row a step.

One line is left out: a retirement's developed → live, which the system takes on absence of traffic. Until
absence is measured a retirement stays developed, which already holds every later event against nothing.
"""


def steps_to(subject: Subject, to: str) -> list[Transition]:
    """Return the rows that end in a state, in the order in which they are tried."""
    return [row for row in TRANSITIONS if row.subject is subject and row.to == to]


def steps_from(subject: Subject, state: str, lane: str) -> list[Transition]:
    """Return the rows that start from a state in a lane."""
    return [row for row in TRANSITIONS if row.subject is subject and state in row.states and lane in row.lanes]
