"""Approving a request: each approval is recorded, and the last of them moves the request to *reviewed*."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from tracking.requests.choices import RequestState
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.approvals import record_approvals
from tracking.requests.workflow.available_steps import AvailableStep
from tracking.requests.workflow.guards import unmet_conditions
from tracking.requests.workflow.guards.four_eyes import OPEN_APPROVALS_CODE
from tracking.requests.workflow.required_approvals import approvals_for_others, open_approvals
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_inputs import input_errors
from tracking.requests.workflow.steps.step_permissions import may_take_step
from tracking.requests.workflow.steps.transitions import Subject, steps_to
from tracking.requests.workflow.transition_service import move_request


@transaction.atomic
def approve_request(
    request: Request,
    *,
    by: User,
    comment: str = "",
    replay: str = "",
    revision: int | None = None,
    at: datetime | None = None,
) -> Approval:
    """Approve what a request says now, in every area and for every team that `by` may approve.

    Where that was the last approval that it needs, the request moves to *reviewed* as `move_request` moves it; else
    the approval is recorded, and the request waits for the others. Returns the approval, or the first of several.

    Raises Forbidden where `by` may give none of the approvals, and UnmetConditionsError where it is not requested,
    where `by` wrote it and a team's policy allows no own approval (four eyes), where the replay of a breaking change
    was not seen, where somebody edited it since the `revision` that `by` read (`edited`; None skips the check), or, for
    the last approval, where another condition of the step does not hold. Then nothing is recorded.
    """
    locked = (
        Request.objects.select_for_update(of=("self",), no_key=True)
        .select_related("author", "owner", "team")
        .get(pk=request.pk)
    )
    now = at or timezone.now()
    context = StepContext(locked, by, now, comment=comment.strip(), replay=replay, revision=revision)
    transition = steps_to(Subject.REQUEST, RequestState.REVIEWED)[0]
    decision = may_take_step(transition, context)
    if not decision:
        raise Forbidden(decision)
    if locked.state != RequestState.REQUESTED or not approvals_for_others(by, open_approvals(locked, context.changes)):
        moved = move_request(
            locked, RequestState.REVIEWED, by=by, comment=comment, replay=replay, revision=revision, at=now
        )
        return moved.approvals.filter(person=by, submission=moved.submission).select_related(
            "person", "team", "request"
        )[0]
    conditions = unmet_conditions(("four_eyes",), context) + input_errors(transition, context)
    if conditions:
        raise UnmetConditionsError(conditions)
    approvals = record_approvals(locked, context.changes, by=by, comment=context.comment, replay=replay, at=now)
    record(
        by=by,
        subject_type="request",
        subject_id=locked.pk,
        action="approved",
        message=context.comment,
        evidence={
            "content_hash": bytes(approvals[0].content_hash).hex(),
            "is_same_person": approvals[0].is_same_person,
            "approvals": [approval.label for approval in approvals],
        },
        at=now,
    )
    return approvals[0]


def approving_step(step: AvailableStep, request: Request, by: User) -> AvailableStep:
    """Return the step to *reviewed* as somebody may take it by approving: what others still approve is no obstacle.

    Somebody whose own part is approved already has nothing left to do: then it is the step of the others.
    """
    if step.to != RequestState.REVIEWED or not step.is_permitted or request.state != RequestState.REQUESTED:
        return step
    others = tuple(condition for condition in step.unmet if condition.code == OPEN_APPROVALS_CODE)
    if not others:
        return step
    still_open = open_approvals(request, StepContext(request, by, timezone.now()).changes)
    if len(approvals_for_others(by, still_open)) == len(still_open):
        return replace(step, is_permitted=False, unmet=others)
    remaining = tuple(condition for condition in step.unmet if condition.code != OPEN_APPROVALS_CODE)
    return replace(step, is_allowed=not remaining, unmet=remaining, is_partial=True)
