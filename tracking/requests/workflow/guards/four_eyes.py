"""Guards on people: four eyes on the request and on each delivery, and every required approval given."""

from collections.abc import Sequence

from accounts.preconditions import UnmetCondition
from tracking.requests.approval_areas import AREAS_WAIVED_FOR_WORDS
from tracking.requests.workflow.required_approvals import (
    approvals_for_others,
    is_author_or_editor,
    is_own_approval_allowed,
    open_approvals,
    people_who_can_approve,
)
from tracking.requests.workflow.steps.step_context import StepContext

OPEN_APPROVALS_CODE = "approvals"
NAMES_SHOWN = 3


def four_eyes(context: StepContext) -> list[UnmetCondition]:
    """Nobody approves what they wrote, unless the policy of each event's team allows it for the event's tier."""
    if not is_author_or_editor(context.request, context.by):
        return []
    if is_own_approval_allowed(context.request, context.changes):
        return []
    return [
        UnmetCondition(
            "four_eyes",
            "You wrote this request, own it or edited it, so somebody else must approve it. "
            "Own approval of it is not allowed by the policy of every team whose events it is about.",
        )
    ]


def every_approval_given(context: StepContext) -> list[UnmetCondition]:
    """With this person's own approval, each area is approved for each team; else one condition for each open one."""
    remaining = approvals_for_others(context.by, open_approvals(context.request, context.changes))
    people = people_who_can_approve(context.request, context.changes, remaining)
    return [
        UnmetCondition(OPEN_APPROVALS_CODE, f"{required.label} is still to be approved. {names_of_approvers(names)}")
        for required, names in zip(remaining, people, strict=True)
    ]


def words_approved(context: StepContext) -> list[UnmetCondition]:
    """Words go without the approval of analysis; every other area that they need is approved before."""
    if not any(set(change.approval_areas) - AREAS_WAIVED_FOR_WORDS for change in context.changes):
        return []
    return [
        UnmetCondition(OPEN_APPROVALS_CODE, f"{required.label} is still to be approved: submit it for review first.")
        for required in open_approvals(context.request, context.changes)
        if required.area not in AREAS_WAIVED_FOR_WORDS
    ]


def names_of_approvers(people: Sequence[object]) -> str:
    """Return in a sentence who can give an approval: the first names, and how many more there are."""
    names = [str(person) for person in people]
    if not names:
        return "Nobody has the role for it yet; an admin can give it."
    shown, more = names[:NAMES_SHOWN], len(names) - NAMES_SHOWN
    if more > 0:
        return f"{', '.join(shown)} and {more} more can do that."
    *others, last = shown
    return f"{', '.join(others)} or {last} can do that." if others else f"{last} can do that."


def not_developer(context: StepContext) -> list[UnmetCondition]:
    """The developer of a delivery does not verify it."""
    if context.target_delivery.developed_by_id != context.by.pk:
        return []
    return [UnmetCondition("four_eyes", "You delivered this, so somebody else must verify it.")]
