"""Approvals: one person's yes to one content."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import Unmet, UnmetConditions
from tracking.requests.choices import Area, State
from tracking.requests.evidence.content_hash import content_hash
from tracking.requests.evidence.replay import seen_replay
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.guards import unmet
from tracking.requests.workflow.guards.four_eyes import has_written
from tracking.requests.workflow.steps.step_context import Context
from tracking.requests.workflow.steps.step_inputs import missing
from tracking.requests.workflow.steps.step_permissions import may_take
from tracking.requests.workflow.steps.transitions import Subject, steps_to


@transaction.atomic
def approve(request: Request, *, by: User, comment: str = "", replay: str = "", at: datetime | None = None) -> Approval:
    """Say yes to a request as it now stands, without moving it. Saying so again answers the same approval.

    `move_request(request, "reviewed", …)` does both at once. Raises Forbidden where `by` may not approve it for
    each of its events, and UnmetConditions where it is not requested, where `by` wrote it (four eyes), or where
    the replay of a breaking change was not seen.
    """
    locked = (
        Request.objects.select_for_update(of=("self",), no_key=True).select_related("author", "team").get(pk=request.pk)
    )
    moment = at or timezone.now()
    context = Context(locked, by, moment, comment=comment, replay=replay)
    row = steps_to(Subject.REQUEST, State.REVIEWED)[0]
    decision = may_take(row, context)
    if not decision:
        raise Forbidden(decision)
    if locked.state != State.REQUESTED:
        stands = locked.get_state_display().lower()
        raise UnmetConditions([Unmet("state", f"It is {stands}; only what is requested can be approved.")])
    conditions = unmet(("four_eyes",), context) + missing(row, context)
    if conditions:
        raise UnmetConditions(conditions)
    approval = record_approval(locked, by=by, comment=comment, replay=replay, at=moment)
    record(
        by=by,
        subject_type="request",
        subject_id=locked.pk,
        action="approved",
        message=comment,
        evidence={"content_hash": bytes(approval.content_hash).hex(), "is_same_person": approval.is_same_person},
        at=moment,
    )
    return approval


def record_approval(request: Request, *, by: User, comment: str, replay: str, at: datetime) -> Approval:
    """Write the approval of a request's present content. The caller has checked that it may be given."""
    approval, _ = Approval.objects.get_or_create(
        request=request,
        person=by,
        area=Area.ANALYSIS,
        content_hash=content_hash(request),
        defaults={
            "comment": comment,
            "evidence": seen_replay(request, replay) if replay else {},
            "is_same_person": has_written(request, by),
            "created_at": at,
        },
    )
    return approval


def standing_approvals(request: Request) -> list[Approval]:
    """Return the approvals of what the request says now, newest first; those of earlier contents are stale."""
    return list(request.approvals.filter(content_hash=content_hash(request)).select_related("person"))


def is_stale(approval: Approval) -> bool:
    """Whether the request was edited since somebody approved it."""
    return bytes(approval.content_hash) != content_hash(approval.request)
