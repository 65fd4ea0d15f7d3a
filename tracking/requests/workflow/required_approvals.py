"""Whose approval a request needs: which areas, for which teams, hence which people, and what of it is still open.

Permissions, guards and pages ask here about one request. `models.approval.awaiting_approval_by` says the same in SQL
for work lists.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from accounts.models import HistoryEntry, Team, User
from accounts.permission_scope import people_with
from accounts.permissions import Decision, can
from accounts.roles import Capability
from tracking.requests.approval_areas import AREA_RULES
from tracking.requests.choices import ApprovalArea, RequestState
from tracking.requests.evidence.content_hash import request_content_hash
from tracking.requests.models import Approval, Change, Request
from tracking.requests.models.approval import CONTENT_EDITS, LOWEST_TIER

STATES_WITH_OPEN_CONTENT = (RequestState.DRAFT, RequestState.REQUESTED, RequestState.DECLINED, RequestState.WITHDRAWN)
"""Where the content may differ from what was approved last."""


@dataclass(frozen=True, slots=True)
class RequiredApproval:
    """One approval that a request needs: in an area, from people of the team whose events it is about.

    Without a team only people with a role in the whole company can give it.
    """

    area: ApprovalArea
    capability: Capability
    team: Team | None

    @property
    def team_id(self) -> int | None:
        return None if self.team is None else self.team.pk

    @property
    def label(self) -> str:
        """The area and the team, for people."""
        return f"{self.area.label} for {self.team}" if self.team is not None else self.area.label


def required_approvals(request: Request, changes: Iterable[Change]) -> list[RequiredApproval]:
    """Return each approval that a request with these changes needs, in the order of areas, then of changes.

    A request that changes nothing yet needs what a change of its own team would.
    """
    rows = list(changes)
    required: dict[tuple[str, int | None], RequiredApproval] = {}
    for rule in AREA_RULES:
        teams = [change.approving_team for change in rows if rule.area in change.approval_areas]
        for team in teams if rows else [request.team]:
            key = (rule.area, None if team is None else team.pk)
            required.setdefault(key, RequiredApproval(rule.area, rule.capability, team))
    return list(required.values())


def open_approvals(
    request: Request, changes: Iterable[Change], approvals: Sequence[Approval] | None = None
) -> list[RequiredApproval]:
    """Return the required approvals that nobody has given to what the request says now.

    `approvals` are all of the request, where the caller has read them already.
    """
    given = {(approval.area, approval.team_id) for approval in active_approvals(request, approvals)}
    return [
        required
        for required in required_approvals(request, changes)
        if (required.area, None) not in given
        and (required.area, None if required.team is None else required.team.pk) not in given
    ]


def approval_changes(request: Request) -> list[Change]:
    """Return the changes of a request with what decides who approves them."""
    changes = list(
        request.changes.select_related("event__owner_team").defer("definition", "imported_definition").order_by("id")
    )
    for change in changes:
        change.request = request
    return changes


def content_hash_by_approvals(request: Request, approvals: Sequence[Approval]) -> bytes:
    """Return the hash of what a request says, given its approvals, newest first.

    Once a request is approved the newest approval is of what it says, which saves reading all of it.
    """
    is_open = request.state in STATES_WITH_OPEN_CONTENT
    return request_content_hash(request) if is_open or not approvals else bytes(approvals[0].content_hash)


def may_approve(user: User, required: Collection[RequiredApproval]) -> Decision:
    """Whether somebody may give at least one of these approvals; a no is the reason for the first of them.

    Raises ValueError where there is none to give.
    """
    decisions = [can(user, each.capability, on=each) for each in required]
    if not decisions:
        raise ValueError("Every request needs at least one approval.")
    return next((decision for decision in decisions if decision), decisions[0])


def approvals_for_others(user: User, required: Iterable[RequiredApproval]) -> list[RequiredApproval]:
    """Return those of these approvals that somebody else has to give."""
    return [each for each in required if not can(user, each.capability, on=each)]


def active_approvals(request: Request, approvals: Sequence[Approval] | None = None) -> list[Approval]:
    """Return the approvals of what the request's present submission says, newest first.

    Those of earlier submissions and of other contents do not count; a draft has none. `approvals` are all of the
    request, where the caller has read them already.
    """
    if request.state == RequestState.DRAFT:
        return []
    if approvals is None:
        approvals = list(request.approvals.filter(submission=request.submission).select_related("person", "team"))
    present = [approval for approval in approvals if approval.submission == request.submission]
    if not present:
        return []
    content_hash = request_content_hash(request)
    return [approval for approval in present if bytes(approval.content_hash) == content_hash]


def people_who_can_approve(
    request: Request, changes: Sequence[Change], required: Sequence[RequiredApproval]
) -> list[list[User]]:
    """Return for each of these approvals the people who can give it, by name: not those who wrote the request.

    Where every team's policy allows own approval, its authors are among them. The queries grow with the areas'
    capabilities, not with the teams.
    """
    if not required:
        return []
    excluded = set() if is_own_approval_allowed(request, changes) else author_and_editor_ids(request)
    team_ids_by_capability: dict[Capability, set[int | None]] = {}
    for each in required:
        team_ids_by_capability.setdefault(each.capability, set()).add(each.team_id)
    people = {
        capability: people_with(capability, team_ids=team_ids)
        for capability, team_ids in team_ids_by_capability.items()
    }
    return [
        [person for person in people[each.capability][each.team_id] if person.pk not in excluded] for each in required
    ]


def is_own_approval_allowed(request: Request, changes: Sequence[Change]) -> bool:
    """Whether the policy of every team of the request lets its authors approve it, at each event's tier."""
    for change in changes:
        team, tier = change.approving_team, LOWEST_TIER if change.event is None else change.event.tier
        if team is None or tier not in team.own_approval_tiers:
            return False
    # An author chooses the request's team freely: it decides about events that do not exist yet alone, and only
    # where the author belongs to it.
    if any(change.event is None for change in changes):
        return request.author.memberships.filter(team=request.team_id).exists()
    return bool(changes)


def author_and_editor_ids(request: Request) -> set[int | None]:
    """Return the ids of everybody whose words a request says: its author, its owner, and who ever edited it."""
    edits = HistoryEntry.objects.for_subject("request", request.pk).filter(CONTENT_EDITS)
    return {request.author_id, request.owner_id, *edits.values_list("actor_id", flat=True)}


def is_author_or_editor(request: Request, user: User) -> bool:
    """Whether what a request says is also this person's: they wrote it, own it, or edited it at any time."""
    if user.pk in (request.author_id, request.owner_id):
        return True
    return HistoryEntry.objects.for_subject("request", request.pk).filter(CONTENT_EDITS, actor=user).exists()
