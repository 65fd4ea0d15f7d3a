"""Approving and publishing: drafts become versions, and their deliveries open."""

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.choices import OwnerRole
from catalog.models import Event, ImportEntry, Source, Version
from catalog.services.bindings import bind_source, set_delivery_open
from catalog.services.events import add_owner, create_event, rename_event
from catalog.services.versions import publish_version
from tracking.quality.services import resolve_undocumented
from tracking.requests.choices import DeliveryState, Lane, RequestState
from tracking.requests.drafted_names import drafted_call
from tracking.requests.evidence.delivery_app_version import has_app_versions
from tracking.requests.models import Approval, Change, Delivery, Request
from tracking.requests.workflow.approvals import begin_submission, record_approvals
from tracking.requests.workflow.delivery_planning import plan_deliveries
from tracking.requests.workflow.effects.delivery_steps import ALL_ENVIRONMENTS
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult


def approve(context: StepContext) -> StepResult:
    """Record the approval, make each change's version and open its deliveries."""
    approvals = record_approvals(
        context.request,
        context.changes,
        by=context.by,
        comment=context.comment,
        replay=context.replay,
        at=context.at,
    )
    return StepResult({"versions": _publish_and_open(context)} | _approval_evidence(approvals[0]))


def publish(context: StepContext) -> StepResult:
    """Publish the versions of a words-only request, which needs no approval."""
    if context.request.state == RequestState.DRAFT:
        begin_submission(context.request)
    for change in context.changes:
        plan_deliveries(change, at=context.at)
    return StepResult({"versions": _publish_and_open(context)})


def _approval_evidence(approval: Approval) -> dict[str, object]:
    return {
        "approval": approval.pk,
        "content_hash": bytes(approval.content_hash).hex(),
        "is_same_person": approval.is_same_person,
        **({"replay": approval.evidence} if approval.evidence else {}),
    }


def _publish_and_open(context: StepContext) -> list[str]:
    """Publish each definition, open the deliveries, and return the names and numbers of the new versions."""
    versions = []
    for change in context.changes:
        if change.is_defining:
            version = _publish_definition(context, change)
            versions.append(f"{change.name} {version.number}")
        _open_deliveries(context, change)
    resolve_undocumented([change.event for change in context.changes if change.event is not None], at=context.at)
    return versions


def _publish_definition(context: StepContext, change: Change) -> Version:
    """Publish a change's definition as the next version of its event, which is created or renamed where needed."""
    change.event = _create_or_rename_event(context, change)
    version = publish_version(
        change.event,
        definition=change.definition,
        parent=change.base,
        sources=change.sources.order_by("pk"),
        by=_acting_user(context, change.event),
        message=context.request.message or context.request.title,
        at=context.at,
        origin_version=change.import_entry.origin_version if change.import_entry else "",
    )
    change.version = version
    change.save(update_fields=["event", "version"])
    if change.import_entry is not None:
        # From now on the same upload finds this version, and changes nothing.
        ImportEntry.objects.filter(pk=change.import_entry.pk).update(event=change.event, version=version)
    return version


def _acting_user(context: StepContext, owned: Event | Request) -> User:
    """Return the user in whose name the catalog is written: the person, or the system where they lack a role.

    A role in the team that owns the event (or the request) is lacking where somebody owns the event by name, or gives
    the last approval of a request over several teams' events.
    """
    may_write = can(context.by, Capability.REQUEST_APPROVE, on=owned) or can(
        context.by, Capability.WORDS_PUBLISH, on=owned
    )
    return context.by if may_write else User.objects.system()


def _create_or_rename_event(context: StepContext, change: Change) -> Event:
    if change.event is None:
        event = create_event(
            name=change.name,
            call=drafted_call(change.definition),
            kind=str(change.definition.get("kind", "standard")),
            owner_team=context.request.team,
            is_sample=context.request.is_sample,
            name_reason=change.name_reason,
            by=_acting_user(context, context.request),
            at=context.at,
        )
        requester = context.request.owner
        if requester is not None and requester.is_active:
            add_owner(event, requester, OwnerRole.BUSINESS, by=_acting_user(context, event), at=context.at)
        return event
    if change.is_defining and change.name != change.event.name:
        return rename_event(
            change.event,
            change.name,
            by=_acting_user(context, change.event),
            name_reason=change.name_reason,
            at=context.at,
        )
    return change.event


def _open_deliveries(context: StepContext, change: Change) -> None:
    """Open the change's deliveries; in the documenting lane, where traffic already flows, make them live at once."""
    for delivery in change.deliveries.filter(state=DeliveryState.PLANNED).select_related("source").order_by("source"):
        source = delivery.source
        delivery.change = change
        if change.lane == Lane.DOCUMENTING:
            _go_live_immediately(context, delivery, source)
        else:
            _start_round_if_used(delivery)
            _set_state(delivery, DeliveryState.REVIEWED, context)
            if change.version is not None:
                set_delivery_open(change.version, source, is_open=True)


def _start_round_if_used(delivery: Delivery) -> None:
    """Begin a new round of evidence where some was recorded for a version that was withdrawn."""
    if delivery.evidence.filter(round=delivery.round).exists():
        delivery.round += 1


def _go_live_immediately(context: StepContext, delivery: Delivery, source: Source) -> None:
    """Bind the traffic to the version that documents it, from where the newest binding of the source begins."""
    event, version = delivery.change.event, delivery.change.version
    assert event is not None, "an approved change has its event"
    acting_user = _acting_user(context, event)
    newest_binding = (
        event.bindings.filter(source=source, ended_at=None, since_version__gt="").order_by("-since_key", "-id").first()
    )
    if newest_binding is not None and has_app_versions(source):
        bind_source(
            event,
            version,
            source,
            environments=ALL_ENVIRONMENTS,
            since_version=newest_binding.since_version,
            by=acting_user,
            at=context.at,
        )
    else:
        bind_source(
            event, version, source, environments=ALL_ENVIRONMENTS, since_at=context.at, by=acting_user, at=context.at
        )
    delivery.live_at = context.at
    _set_state(delivery, DeliveryState.LIVE, context)


def _set_state(delivery: Delivery, state: DeliveryState, context: StepContext) -> None:
    delivery.state, delivery.updated_at = state, context.at
    delivery.save()
