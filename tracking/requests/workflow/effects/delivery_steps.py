"""What the steps of a delivery write: bindings, signatures, proof."""

from datetime import datetime

from catalog.choices import Environment
from catalog.models import Event
from catalog.services.bindings import bind, heirs, inherit_bindings, set_open
from tracking.requests.evidence.delivery_app_version import has_app_versions, must_reach
from tracking.requests.evidence.snapshots import pin_failure, pinned_evidence
from tracking.requests.evidence.summaries import OUTSIDE, proof_of
from tracking.requests.evidence.thresholds import threshold_of
from tracking.requests.models import Delivery, Verification
from tracking.requests.workflow.effects.closure import unbind
from tracking.requests.workflow.effects.supersession import (
    hold_ancestors,
    hold_replaced,
    hold_superseded,
    reopen,
    supersede,
)
from tracking.requests.workflow.steps.step_context import Context

EVERYWHERE = (*OUTSIDE, Environment.PRODUCTION)


def develop(context: Context) -> dict[str, object]:
    """Note the app version, hold events from it on against the version, and begin the evidence anew."""
    delivery = context.moved
    older = hold_ancestors(delivery)
    delivery.app_version = context.app_version.strip()
    delivery.developed_at, delivery.developed_by = context.at, context.by
    delivery.tested_at = delivery.tested_by = delivery.live_at = None
    delivery.round += 1
    if has_app_versions(delivery.source):
        _bind(context, EVERYWHERE, since_version=delivery.app_version)
    elif not delivery.change.is_defining:
        _bind(context, EVERYWHERE, since_at=context.at)
    return {"app_version": delivery.app_version, "superseded": supersede(context, older)}


def undevelop(context: Context) -> dict[str, object]:
    """Pin the event that shows why, end what was bound, and let what it superseded go on.

    The app version stays as a suggestion.
    """
    delivery = context.moved
    shown = pin_failure(delivery, context.sample, at=context.at)
    older = hold_superseded([delivery])
    unbind(delivery, by=context.by, at=context.at)
    delivery.developed_at = delivery.developed_by = None
    return reopen(context, older) | ({} if shown is None else {"sample": shown})


def verify(context: Context) -> dict[str, object]:
    """Sign, with the evidence pinned as it is; without app versions, hold events outside production from now on."""
    delivery = context.moved
    pinned = pinned_evidence(delivery, context.ids)
    delivery.tested_at, delivery.tested_by = context.at, context.by
    Verification.objects.create(
        delivery=delivery, person=context.by, at=context.at, comment=context.comment, evidence=pinned
    )
    if not has_app_versions(delivery.source):
        _bind(context, OUTSIDE, since_at=context.at)
    return {name: value for name, value in pinned.items() if name != "samples"}


def go_live(context: Context) -> dict[str, object]:
    """Hold production against the version: from its app version on, or where none is reached since the proof began.

    A source whose markers date changes gets both before its first marker, which may name any app version. What it
    superseded is replaced for good.
    """
    delivery = context.moved
    replaced = hold_replaced(delivery)
    shown, needed = proof_of(delivery), threshold_of(delivery)
    delivery.live_at = context.at
    if has_app_versions(delivery.source) and delivery.app_version:
        _bind(context, EVERYWHERE, since_version=delivery.app_version)
    else:
        _bind(context, OUTSIDE, since_at=delivery.tested_at or context.at)
    if not delivery.app_version or not must_reach(delivery.source, Environment.PRODUCTION):
        _bind(context, (Environment.PRODUCTION,), since_at=shown.first_seen or context.at)
    _set_open(delivery, is_open=False)
    return {
        "events": shown.events,
        "ids": shown.ids,
        "span_seconds": shown.span.total_seconds(),
        "conforming_share": round(shown.newest.share, 4),
        "needed": {"events": needed.events, "ids": needed.ids, "span_seconds": needed.span.total_seconds()},
        **({"replaced": replaced} if replaced else {}),
    }


def undo(context: Context) -> dict[str, object]:
    """End the bindings and ask for the proof anew: what proved it before does not prove it again.

    What it had replaced waits again for what becomes of it.
    """
    delivery = context.moved
    waiting = hold_replaced(delivery)
    unbind(delivery, by=context.by, at=context.at)
    delivery.round += 1
    delivery.tested_at, delivery.live_at = context.at, None
    _set_open(delivery, is_open=True)
    return {"waiting": waiting} if waiting else {}


def _bind(
    context: Context, environments: tuple[str, ...], *, since_version: str = "", since_at: datetime | None = None
) -> None:
    """Hold events against the delivery's version, and against those that changed nothing but its words since."""
    delivery = context.moved
    version, source = delivery.change.version, delivery.source
    bind(
        _event(delivery),
        version,
        source,
        environments=environments,
        since_version=since_version,
        since_at=since_at,
        by=context.by,
        at=context.at,
    )
    if version is not None:
        for heir in heirs(version, source):
            inherit_bindings(heir, source, by=context.by, at=context.at)


def _set_open(delivery: Delivery, *, is_open: bool) -> None:
    if delivery.change.version is not None:
        set_open(delivery.change.version, delivery.source, is_open=is_open)


def _event(delivery: Delivery) -> Event:
    event = delivery.change.event
    assert event is not None, "an approved change has its event"
    return event
