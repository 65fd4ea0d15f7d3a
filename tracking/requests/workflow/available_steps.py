"""The steps that a person could take now, with the unmet conditions of each."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.preconditions import UnmetCondition
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.guards import unmet_conditions
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_inputs import StepInput, fields_for
from tracking.requests.workflow.steps.step_permissions import may_take_step
from tracking.requests.workflow.steps.transitions import Subject, Transition, steps_from


@dataclass(frozen=True, slots=True)
class AvailableStep:
    """A step from the present state: its label, the fields of its form, and why it may be disabled.

    `missing_roles` are named where the person may not take it; `unmet` are conditions of the world that do not
    hold. What the fields ask for is checked when the step is taken. `is_partial`: others have to approve their parts
    before the state is reached.
    """

    to: str
    label: str
    is_allowed: bool
    unmet: tuple[UnmetCondition, ...]
    inputs: tuple[StepInput, ...]
    is_permitted: bool = True
    missing_roles: tuple[str, ...] = ()
    is_partial: bool = False


def available_steps(
    subject: Request | Delivery, user: User, *, evidence: LoadedEvidence | None = None
) -> list[AvailableStep]:
    """Return the steps from the present state of a request or delivery, each with its unmet conditions.

    Steps that only the system takes are left out. Where two rows lead to the same state, the one that is open to
    the person, else the first. For a list of deliveries `evidence` is that of all of them, so that a row costs no
    query of its own; each delivery then has its change, event, request, source, version and parent at hand
    (`DeliveryQuerySet.with_step_data`).
    """
    now = timezone.now()
    if isinstance(subject, Request):
        context = StepContext(subject, user, now, is_preview=True)
        rows = steps_from(Subject.REQUEST, subject.state, subject.lane)
    else:
        context = StepContext(
            subject.change.request, user, now, delivery=subject, loaded_evidence=evidence, is_preview=True
        )
        rows = steps_from(Subject.DELIVERY, subject.state, subject.change.lane)
    steps: dict[str, AvailableStep] = {}
    for row in rows:
        if row.is_automatic:
            continue
        step = _available_step(row, context)
        if row.to not in steps or (step.is_permitted and not steps[row.to].is_permitted):
            steps[row.to] = step
    return list(steps.values())


def automatic_step_blockers(
    delivery: Delivery,
    *,
    at: datetime | None = None,
    evidence: LoadedEvidence | None = None,
    system: User | None = None,
) -> list[UnmetCondition]:
    """Return what keeps the system from taking a delivery's next step; empty where nothing does or it takes none.

    `at` is the time of the step; the default is now. `evidence` and `system` (the system user) are given where several
    deliveries are asked about.
    """
    rows = steps_from(Subject.DELIVERY, delivery.state, delivery.change.lane)
    context = StepContext(
        delivery.change.request,
        system or User.objects.system(),
        at or timezone.now(),
        delivery=delivery,
        loaded_evidence=evidence,
    )
    return [condition for row in rows if row.is_automatic for condition in unmet_conditions(row.guards, context)]


def _available_step(transition: Transition, context: StepContext) -> AvailableStep:
    decision = may_take_step(transition, context)
    conditions = unmet_conditions(transition.guards, context) if decision else [UnmetCondition("role", decision.reason)]
    return AvailableStep(
        to=transition.to,
        label=transition.label,
        is_allowed=bool(decision) and not conditions,
        unmet=tuple(conditions),
        inputs=fields_for(transition, context),
        is_permitted=bool(decision),
        missing_roles=tuple(decision.missing_roles),
    )
