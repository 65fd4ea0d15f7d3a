"""The steps that somebody could take now, and what stands in the way of each."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.preconditions import Unmet
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.guards import unmet
from tracking.requests.workflow.steps.step_context import Context
from tracking.requests.workflow.steps.step_inputs import Asked, asked
from tracking.requests.workflow.steps.step_permissions import may_take
from tracking.requests.workflow.steps.transitions import Subject, Transition, steps_from


@dataclass(frozen=True, slots=True)
class Step:
    """A step that somebody could take now: the button, why it may be dead, and the fields of its form.

    `missing_roles` are named where the person may not take it; `unmet` are conditions of the world that do not
    hold. What the fields ask for is checked when the step is taken.
    """

    to: str
    label: str
    is_allowed: bool
    unmet: tuple[Unmet, ...]
    asks: tuple[Asked, ...]
    is_permitted: bool = True
    missing_roles: tuple[str, ...] = ()


def allowed(subject: Request | Delivery, user: User) -> list[Step]:
    """Return the steps that lead on from where a request or delivery stands, each with what stands in its way.

    Steps that only the system takes are left out. Where two rows lead to the same state, the one that is open to
    the person, else the first.
    """
    now = timezone.now()
    if isinstance(subject, Request):
        context = Context(subject, user, now)
        rows = steps_from(Subject.REQUEST, subject.state, subject.lane)
    else:
        context = Context(subject.change.request, user, now, delivery=subject)
        rows = steps_from(Subject.DELIVERY, subject.state, subject.change.lane)
    steps: dict[str, Step] = {}
    for row in rows:
        if row.is_automatic:
            continue
        step = _step(row, context)
        if row.to not in steps or (step.is_permitted and not steps[row.to].is_permitted):
            steps[row.to] = step
    return list(steps.values())


def blocking(delivery: Delivery, *, at: datetime | None = None) -> list[Unmet]:
    """Return what keeps the system from taking a delivery's next step; empty where nothing does or it takes none.

    `at` is the moment of the step, now where nobody says.
    """
    rows = steps_from(Subject.DELIVERY, delivery.state, delivery.change.lane)
    context = Context(delivery.change.request, User.objects.system(), at or timezone.now(), delivery=delivery)
    return [condition for row in rows if row.is_automatic for condition in unmet(row.guards, context)]


def _step(row: Transition, context: Context) -> Step:
    decision = may_take(row, context)
    conditions = unmet(row.guards, context) if decision else [Unmet("role", decision.reason)]
    return Step(
        to=row.to,
        label=row.label,
        is_allowed=bool(decision) and not conditions,
        unmet=tuple(conditions),
        asks=asked(row, context),
        is_permitted=bool(decision),
        missing_roles=tuple(decision.missing_roles),
    )
