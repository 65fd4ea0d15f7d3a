"""Approving and publishing: drafts become versions, and the catalog learns of what ends."""

from accounts.models import User
from accounts.permissions import can
from accounts.roles import Capability
from catalog.choices import OwnerRole
from catalog.models import Event, ImportEntry, Source, Version
from catalog.services.bindings import bind, set_open
from catalog.services.events import create_event, rename_event, set_owner
from catalog.services.versions import publish_version
from tracking.quality.services import settle_undocumented
from tracking.requests.choices import DeliveryState, Lane
from tracking.requests.evidence.delivery_app_version import has_app_versions
from tracking.requests.models import Approval, Change, Delivery
from tracking.requests.workflow.approvals import record_approval
from tracking.requests.workflow.delivery_planning import plan_deliveries
from tracking.requests.workflow.effects.delivery_steps import EVERYWHERE
from tracking.requests.workflow.steps.step_context import Context


def approve(context: Context) -> dict[str, object]:
    """Record the approval, make each change's version and open its deliveries."""
    approval = record_approval(
        context.request, by=context.by, comment=context.comment, replay=context.replay, at=context.at
    )
    return _carry_out(context) | _told(approval)


def publish(context: Context) -> dict[str, object]:
    """Make the versions of a request of words alone: they need nobody's approval."""
    for change in context.changes:
        plan_deliveries(change, at=context.at)
    return _carry_out(context)


def _told(approval: Approval) -> dict[str, object]:
    return {
        "approval": approval.pk,
        "content_hash": bytes(approval.content_hash).hex(),
        "is_same_person": approval.is_same_person,
        **({"replay": approval.evidence} if approval.evidence else {}),
    }


def _carry_out(context: Context) -> dict[str, object]:
    versions = []
    for change in context.changes:
        if change.is_defining:
            version = _define(context, change)
            versions.append(f"{change.name} {version.number}")
        _open(context, change)
    settle_undocumented([change.event for change in context.changes if change.event is not None], at=context.at)
    return {"versions": versions}


def _define(context: Context, change: Change) -> Version:
    """Publish a change's definition as the next version of its event, which is created or renamed where needed."""
    change.event = _event(context, change)
    version = publish_version(
        change.event,
        definition=change.definition,
        parent=change.base,
        sources=change.sources.order_by("pk"),
        by=_writer(context, change.event),
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


def _writer(context: Context, event: Event) -> User:
    """The person; or, for somebody who owns the event by name without a role in its team, the system for them."""
    may_write = can(context.by, Capability.REQUEST_APPROVE, on=event) or can(
        context.by, Capability.WORDS_PUBLISH, on=event
    )
    return context.by if may_write else User.objects.system()


def _event(context: Context, change: Change) -> Event:
    if change.event is None:
        event = create_event(
            name=change.name,
            call=str(change.definition.get("call", "track")),
            kind=str(change.definition.get("kind", "standard")),
            owner_team=context.request.team,
            is_sample=context.request.is_sample,
            by=context.by,
            at=context.at,
        )
        asked_by = context.request.owner
        if asked_by is not None and asked_by.is_active:
            set_owner(event, asked_by, OwnerRole.BUSINESS, by=context.by, at=context.at)
        return event
    if change.is_defining and change.name != change.event.name:
        return rename_event(change.event, change.name, by=context.by, at=context.at)
    return change.event


def _open(context: Context, change: Change) -> None:
    """Open the change's deliveries, or let them live at once where what they document already flows."""
    for delivery in change.deliveries.filter(state=DeliveryState.PLANNED).select_related("source").order_by("source"):
        source = delivery.source
        delivery.change = change
        if change.lane == Lane.DOCUMENTING:
            _let_live(context, delivery, source)
        else:
            _begin_round(delivery)
            _move(delivery, DeliveryState.REVIEWED, context)
            if change.version is not None:
                set_open(change.version, source, is_open=True)


def _begin_round(delivery: Delivery) -> None:
    """Begin the evidence anew where some was gathered of a version that was taken back."""
    if delivery.evidence.filter(round=delivery.round).exists():
        delivery.round += 1


def _let_live(context: Context, delivery: Delivery, source: Source) -> None:
    """Hold what flows against the version that documents it, from where its source's newest binding begins."""
    event, version = delivery.change.event, delivery.change.version
    assert event is not None, "an approved change has its event"
    bound = (
        event.bindings.filter(source=source, ended_at=None, since_version__gt="").order_by("-since_key", "-id").first()
    )
    if bound is not None and has_app_versions(source):
        bind(
            event,
            version,
            source,
            environments=EVERYWHERE,
            since_version=bound.since_version,
            by=context.by,
            at=context.at,
        )
    else:
        bind(event, version, source, environments=EVERYWHERE, since_at=context.at, by=context.by, at=context.at)
    delivery.live_at = context.at
    _move(delivery, DeliveryState.LIVE, context)


def _move(delivery: Delivery, state: DeliveryState, context: Context) -> None:
    delivery.state, delivery.updated_at = state, context.at
    delivery.save()
