"""Approvals: one person's yes to one content."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from tracking.requests.choices import ApprovalArea, RequestState
from tracking.requests.evidence.content_hash import request_content_hash
from tracking.requests.evidence.replay import read_replay_token
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.guards import unmet_conditions
from tracking.requests.workflow.guards.four_eyes import is_author_or_editor
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_inputs import input_errors
from tracking.requests.workflow.steps.step_permissions import may_take_step
from tracking.requests.workflow.steps.transitions import Subject, steps_to


@transaction.atomic
def approve_request(
    request: Request, *, by: User, comment: str = "", replay: str = "", at: datetime | None = None
) -> Approval:
    """Say yes to a request as it now stands, without moving it. Saying so again answers the same approval.

    `move_request(request, "reviewed", …)` does both at once. Raises Forbidden where `by` may not approve it for
    each of its events, and UnmetConditionsError where it is not requested, where `by` wrote it (four eyes), or where
    the replay of a breaking change was not seen.
    """
    locked = (
        Request.objects.select_for_update(of=("self",), no_key=True).select_related("author", "team").get(pk=request.pk)
    )
    now = at or timezone.now()
    context = StepContext(locked, by, now, comment=comment, replay=replay)
    transition = steps_to(Subject.REQUEST, RequestState.REVIEWED)[0]
    decision = may_take_step(transition, context)
    if not decision:
        raise Forbidden(decision)
    if locked.state != RequestState.REQUESTED:
        state_label = locked.get_state_display().lower()
        raise UnmetConditionsError(
            [UnmetCondition("state", f"It is {state_label}; only what is requested can be approved.")]
        )
    conditions = unmet_conditions(("four_eyes",), context) + input_errors(transition, context)
    if conditions:
        raise UnmetConditionsError(conditions)
    approval = record_approval(locked, by=by, comment=comment, replay=replay, at=now)
    record(
        by=by,
        subject_type="request",
        subject_id=locked.pk,
        action="approved",
        message=comment,
        evidence={"content_hash": bytes(approval.content_hash).hex(), "is_same_person": approval.is_same_person},
        at=now,
    )
    return approval


def record_approval(request: Request, *, by: User, comment: str, replay: str, at: datetime) -> Approval:
    """Write the approval of a request's present content. The caller has checked that it may be given."""
    approval, _ = Approval.objects.get_or_create(
        request=request,
        person=by,
        area=ApprovalArea.ANALYSIS,
        content_hash=request_content_hash(request),
        defaults={
            "comment": comment,
            "evidence": read_replay_token(request, replay) if replay else {},
            "is_same_person": is_author_or_editor(request, by),
            "created_at": at,
        },
    )
    return approval


def active_approvals(request: Request) -> list[Approval]:
    """Return the approvals of what the request says now, newest first; those of earlier contents are stale."""
    return list(request.approvals.filter(content_hash=request_content_hash(request)).select_related("person"))


def is_stale(approval: Approval) -> bool:
    """Whether the request was edited since somebody approved it."""
    return bytes(approval.content_hash) != request_content_hash(approval.request)
