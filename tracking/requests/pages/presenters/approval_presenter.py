"""Approvals on a request's page: those that were given, with whether they count, and those that are still open."""

from dataclasses import dataclass

from tracking.requests.choices import Lane, RequestState
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.approvals import is_ended
from tracking.requests.workflow.guards.four_eyes import names_of_approvers
from tracking.requests.workflow.required_approvals import (
    approval_changes,
    content_hash_by_approvals,
    open_approvals,
    people_who_can_approve,
)


@dataclass(frozen=True, slots=True)
class ApprovalStatus:
    """Whether an approval counts, as a chip says it."""

    label: str
    tone: str
    icon: str


CURRENT = ApprovalStatus("Of what it says now", "ok", "check-circle")
STALE = ApprovalStatus("Stale: edited since", "warn", "exclamation-triangle")
ENDED = ApprovalStatus("Ended: sent back since", "warn", "arrow-counterclockwise")


@dataclass(frozen=True, slots=True)
class ApprovalPresenter:
    """An approval, what it was for, and whether it still counts."""

    approval: Approval
    label: str
    status: ApprovalStatus


@dataclass(frozen=True, slots=True)
class OpenApproval:
    """Something that must still be approved, and who can do that."""

    label: str
    who_can: str


def approval_presenters(request: Request, rows: list[Approval]) -> list[ApprovalPresenter]:
    """Return all approvals of a request, newest first, as they were read."""
    if not rows:
        return []
    current = content_hash_by_approvals(request, rows)
    presenters = []
    for row in rows:
        row.request = request
        is_stale = bytes(row.content_hash) != current
        status = STALE if is_stale else ENDED if is_ended(row) else CURRENT
        presenters.append(ApprovalPresenter(row, row.label, status))
    return presenters


def open_approval_presenters(request: Request, rows: list[Approval]) -> list[OpenApproval]:
    """Return what of a submitted request must still be approved, each with the people who can; else nothing."""
    if request.state != RequestState.REQUESTED:
        return []
    changes = approval_changes(request)
    required = open_approvals(request, changes, rows)
    people = people_who_can_approve(request, changes, required)
    return [OpenApproval(each.label, names_of_approvers(names)) for each, names in zip(required, people, strict=True)]


def no_approvals_message(request: Request) -> str:
    """Return what is said where nobody has approved a request."""
    if request.lane == Lane.WORDS:
        return "Words need no approval: an owner of the event publishes them."
    return "Nobody has approved it yet. An approval is of exactly what the request says at that moment."
