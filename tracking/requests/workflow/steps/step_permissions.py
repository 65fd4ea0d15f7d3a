"""Who may take a step of the table: by a capability, or by their relation to the request."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.permissions import ALLOWED, Decision, Forbidden, can, can_anywhere
from accounts.roles import Capability
from catalog.models import Ownership
from tracking.requests.choices import RequestState
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.required_approvals import may_approve, required_approvals
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.transitions import TRANSITIONS, Actor, Subject, Transition

SOURCE_TEAM_CAPABILITIES = (Capability.DELIVERY_DEVELOP, Capability.DELIVERY_VERIFY, Capability.DELIVERY_SEND_BACK)
"""Capabilities that count for the source's team; all others count for the team that owns the event."""


def may_take_step(transition: Transition, context: StepContext) -> Decision:
    """Return whether a person may take a step, whatever its guards say; a refusal names the missing roles."""
    match transition.by:
        case Actor.SYSTEM:
            return (
                ALLOWED
                if context.by.is_system
                else Decision(False, "The system takes this step when its proof is there.")
            )
        case Actor.AUTHOR:
            return may_edit(context.request, context.by)
        case Actor.APPROVER:
            return may_approve(context.by, required_approvals(context.request, context.changes))
        case Actor.OWNER:
            return _may_publish(context)
        case Capability():
            return _can_on_all(context.by, transition.by, _permission_objects(transition.by, context))
    raise TypeError(f"{transition.by!r} is no actor of a step.")


def require_some_step(subject: Request | Delivery, *, by: User) -> None:
    """Return where a person may take a step of a request or delivery, from whatever state; else raise Forbidden.

    So that whoever may take none is told that, and not what is wrong with what they sent.
    """
    if isinstance(subject, Request):
        kind, context = Subject.REQUEST, StepContext(subject, by, timezone.now())
    else:
        kind, context = Subject.DELIVERY, StepContext(subject.change.request, by, timezone.now(), delivery=subject)
    rows = (row for row in TRANSITIONS if row.subject is kind and (by.is_system or not row.is_automatic))
    decisions = [may_take_step(row, context) for row in rows]
    if not any(decisions):
        raise Forbidden(most_informative(decisions))


def require_approval(request: Request, *, by: User) -> None:
    """Raise Forbidden where a person may give none of the approvals that a request needs."""
    context = StepContext(request, by, timezone.now())
    if not (decision := may_approve(by, required_approvals(request, context.changes))):
        raise Forbidden(decision)


def require_edit(request: Request, *, by: User) -> None:
    """Raise Forbidden where a person may not edit a request: its author and its owner may."""
    if not (decision := may_edit(request, by)):
        raise Forbidden(decision)


def most_informative(decisions: Sequence[Decision]) -> Decision:
    """Return the refusal that names roles, where one does: it says most about who could take the step."""
    return next((decision for decision in decisions if decision.missing_roles), decisions[0])


def may_edit(request: Request, user: User) -> Decision:
    """Whether a person may edit, submit and withdraw a request: its author and its owner may."""
    decision = can(user, Capability.REQUEST_EDIT, on=request)
    if not decision or user.is_system or user.pk in (request.author_id, request.owner_id):
        return decision
    return Decision(False, f"Only {request.author}, who wrote it, and its owner may do this.")


def _permission_objects(capability: Capability, context: StepContext) -> list[Any]:
    """Return the objects whose teams decide: the source; else the event, or the request where it does not exist yet."""
    if capability in SOURCE_TEAM_CAPABILITIES:
        return [context.target_delivery.source]
    changes = context.changes if context.delivery is None else [context.delivery.change]
    return [change.event or context.request for change in changes] or [context.request]


def _can_on_all(user: User, capability: Capability, objects: list[Any]) -> Decision:
    decisions = [can(user, capability, on=thing) for thing in objects]
    return next((decision for decision in decisions if not decision), ALLOWED)


def _may_publish(context: StepContext) -> Decision:
    """Owners of each event and people of its team may publish words; a draft only its own author may publish."""
    if context.request.state == RequestState.DRAFT:
        decision = may_edit(context.request, context.by)
        if not decision:
            return decision
    decision = can_anywhere(context.by, Capability.WORDS_PUBLISH)
    owned_event_ids = set(Ownership.objects.filter(person=context.by).values_list("event_id", flat=True))
    for change in context.changes:
        if change.event_id in owned_event_ids and decision:
            continue
        event_decision = can(context.by, Capability.WORDS_PUBLISH, on=change.event or context.request)
        if not event_decision:
            return event_decision
    return decision
