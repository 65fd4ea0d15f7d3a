"""Guards on who stands behind a step: four eyes on the request, and on each delivery."""

from django.db.models import Q

from accounts.models import HistoryEntry, Team, User
from accounts.preconditions import UnmetCondition
from catalog.models import Event
from tracking.requests.models import Change, Request
from tracking.requests.workflow.steps.step_context import StepContext

LOWEST_TIER = Event._meta.get_field("tier").default


def four_eyes(context: StepContext) -> list[UnmetCondition]:
    """Nobody approves what they wrote, unless the policy of each event's team allows it for the event's tier."""
    if not is_author_or_editor(context.request, context.by):
        return []
    policies = [_policy_for(change, context.request) for change in context.changes]
    if policies and all(team is not None and tier in team.own_approval_tiers for team, tier in policies):
        return []
    return [
        UnmetCondition(
            "four_eyes",
            "You wrote this request, own it or edited it, so somebody else must approve it. "
            "Your team's policy allows no own approval for events of this tier.",
        )
    ]


def is_author_or_editor(request: Request, user: User) -> bool:
    """Whether what a request says is also this person's: they wrote it, own it, or edited it at any time."""
    if user.pk in (request.author_id, request.owner_id):
        return True
    edits = Q(action="edited") | Q(action__startswith="change ")
    return HistoryEntry.objects.for_subject("request", request.pk).filter(edits, actor=user).exists()


def _policy_for(change: Change, request: Request) -> tuple[Team | None, int]:
    """Return the team whose policy holds for a change, and the tier that it has to allow.

    An author chooses the request's team freely: it decides about events that do not exist yet alone, and only
    where the author belongs to it.
    """
    if change.event is not None:
        return change.event.owner_team, change.event.tier
    is_authors_team = request.team is not None and request.author.memberships.filter(team=request.team).exists()
    return request.team if is_authors_team else None, LOWEST_TIER


def not_developer(context: StepContext) -> list[UnmetCondition]:
    """Whoever delivered does not verify."""
    if context.target_delivery.developed_by_id != context.by.pk:
        return []
    return [UnmetCondition("four_eyes", "You delivered this, so somebody else must verify it.")]
