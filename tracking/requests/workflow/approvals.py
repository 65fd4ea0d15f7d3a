"""Approvals as rows: written by an approving step, carried along by a rebase of the system, ended by sending back."""

from datetime import datetime

from accounts.models import Team, User
from accounts.permissions import can
from tracking.requests.choices import RequestState
from tracking.requests.evidence.content_hash import request_content_hash
from tracking.requests.evidence.replay import read_replay_token
from tracking.requests.models import Approval, Change, Request
from tracking.requests.workflow.required_approvals import RequiredApproval, is_author_or_editor, required_approvals


def begin_submission(request: Request) -> None:
    """Begin a new submission of a locked request: approvals of earlier submissions no longer count."""
    request.submission += 1
    request.save(update_fields=["submission"])


def record_approvals(
    request: Request, changes: list[Change], *, by: User, comment: str, replay: str, at: datetime
) -> list[Approval]:
    """Write every approval of a request's present content that a person may give, and return the rows.

    There is one row an area for somebody whose role holds in the whole company, else one for each of the areas and
    teams. Approving the same content again renews the rows: their time, and their comment and evidence where new ones
    are brought. The caller has locked the request and checked that the approval may be given. Raises StaleReplay where
    the request needs a replay and `replay` is not the person's own of its present content.
    """
    content_hash = request_content_hash(request)
    values = {"is_same_person": is_author_or_editor(request, by), "created_at": at}
    if comment:
        values["comment"] = comment
    if replay and (evidence := read_replay_token(request, replay, by=by)):
        values["evidence"] = evidence
    rows = []
    for area, team in _areas_and_teams(by, required_approvals(request, changes)):
        row, _ = Approval.objects.update_or_create(
            request=request,
            submission=request.submission,
            person=by,
            area=area,
            team=team,
            content_hash=content_hash,
            defaults=values,
        )
        rows.append(row)
    return rows


def _areas_and_teams(by: User, required: list[RequiredApproval]) -> list[tuple[str, Team | None]]:
    """Return what a person approves, each once; the team is None where their role holds for every team."""
    found: dict[tuple[str, int | None], tuple[str, Team | None]] = {}
    for each in required:
        if can(by, each.capability, on=each):
            is_company_wide = bool(can(by, each.capability, on=RequiredApproval(each.area, each.capability, None)))
            team = None if is_company_wide else each.team
            found.setdefault((each.area, None if team is None else team.pk), (each.area, team))
    return list(found.values())


def carry_approvals(request: Request, *, from_hash: bytes) -> None:
    """Keep the approvals of this submission valid after the system rebased a words-only request.

    `from_hash` is the content's hash before. A rebase that needs no decision changes nothing that was approved.
    """
    request.approvals.filter(submission=request.submission, content_hash=from_hash).update(
        content_hash=request_content_hash(request)
    )


def is_ended(approval: Approval) -> bool:
    """Whether the request was sent back since this approval, so that it belongs to an earlier submission."""
    request = approval.request
    return request.state == RequestState.DRAFT or approval.submission != request.submission


def is_stale(approval: Approval) -> bool:
    """Whether the request says something else than what was approved."""
    return bytes(approval.content_hash) != request_content_hash(approval.request)
