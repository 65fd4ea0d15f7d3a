"""What the steps of a delivery write: bindings, signatures, proof."""

from datetime import datetime

from catalog.choices import Environment
from catalog.models import Event
from catalog.services.bindings import bind_source, inherit_bindings, inheriting_versions, set_delivery_open
from tracking.requests.evidence.delivery_app_version import has_app_versions, requires_app_version
from tracking.requests.evidence.snapshots import evidence_snapshot, store_failure_snapshot
from tracking.requests.evidence.summaries import NON_PRODUCTION, production_evidence
from tracking.requests.evidence.thresholds import threshold_for_delivery
from tracking.requests.models import Delivery, Verification
from tracking.requests.workflow.effects.closure import unbind
from tracking.requests.workflow.effects.supersession import (
    lock_ancestor_deliveries,
    lock_replaced,
    lock_superseded,
    reopen,
    supersede,
)
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult

ALL_ENVIRONMENTS = (*NON_PRODUCTION, Environment.PRODUCTION)


def mark_developed(context: StepContext) -> StepResult:
    """Store the app version, bind events from it on to the version, and begin a new round of evidence."""
    delivery = context.target_delivery
    ancestor_delivery_ids = lock_ancestor_deliveries(delivery)
    delivery.app_version = context.app_version.strip()
    delivery.developed_at, delivery.developed_by = context.at, context.by
    delivery.tested_at = delivery.tested_by = delivery.live_at = None
    delivery.round += 1
    if has_app_versions(delivery.source):
        _bind_with_descendants(context, ALL_ENVIRONMENTS, since_version=delivery.app_version)
    elif not delivery.change.is_defining:
        _bind_with_descendants(context, ALL_ENVIRONMENTS, since_at=context.at)
    return StepResult({"app_version": delivery.app_version}, superseded=supersede(context, ancestor_delivery_ids))


def send_back(context: StepContext) -> StepResult:
    """Pin the event that shows why, end the bindings, and reopen the deliveries that this one had superseded.

    The app version is kept as a suggestion for the next attempt.
    """
    delivery = context.target_delivery
    failure = store_failure_snapshot(delivery, context.sample, at=context.at)
    superseded_ids = lock_superseded([delivery])
    unbind(delivery, by=context.by, at=context.at)
    delivery.developed_at = delivery.developed_by = None
    return StepResult({} if failure is None else {"sample": failure}, reopened=reopen(context, superseded_ids))


def verify(context: StepContext) -> StepResult:
    """Store QA's signature with a snapshot of the evidence.

    A source without app versions is bound to the version from now on, outside production.
    """
    delivery = context.target_delivery
    snapshot = evidence_snapshot(delivery, context.ids)
    delivery.tested_at, delivery.tested_by = context.at, context.by
    Verification.objects.create(
        delivery=delivery, person=context.by, at=context.at, comment=context.comment, evidence=snapshot
    )
    if not has_app_versions(delivery.source):
        _bind_with_descendants(context, NON_PRODUCTION, since_at=context.at)
    return StepResult({name: value for name, value in snapshot.items() if name != "samples"})


def go_live(context: StepContext) -> StepResult:
    """Bind production to the version: from its app version on, or without app versions since the first proof event.

    A source whose deploy markers date changes gets both bindings before its first marker, which may name any app
    version. The deliveries that this one superseded are now replaced for good.
    """
    delivery = context.target_delivery
    replaced_ids = lock_replaced(delivery)
    observed, required = production_evidence(delivery), threshold_for_delivery(delivery)
    delivery.live_at = context.at
    if has_app_versions(delivery.source) and delivery.app_version:
        _bind_with_descendants(context, ALL_ENVIRONMENTS, since_version=delivery.app_version)
    else:
        _bind_with_descendants(context, NON_PRODUCTION, since_at=delivery.tested_at or context.at)
    if not delivery.app_version or not requires_app_version(delivery.source, Environment.PRODUCTION):
        _bind_with_descendants(context, (Environment.PRODUCTION,), since_at=observed.first_proving_at or context.at)
    _set_open(delivery, is_open=False)
    proof = {
        "events": observed.events,
        "ids": observed.ids,
        "span_seconds": observed.span.total_seconds(),
        "conforming_share": round(observed.recent.conforming_share, 4),
        "needed": {"events": required.events, "ids": required.ids, "span_seconds": required.span.total_seconds()},
    }
    return StepResult(proof, replaced=replaced_ids)


def take_back_from_live(context: StepContext) -> StepResult:
    """End the bindings and begin a new round of evidence: earlier events do not prove the delivery again.

    The deliveries that it had replaced depend on its outcome again.
    """
    delivery = context.target_delivery
    replaced_ids = lock_replaced(delivery)
    unbind(delivery, by=context.by, at=context.at)
    delivery.round += 1
    delivery.tested_at, delivery.live_at = context.at, None
    _set_open(delivery, is_open=True)
    return StepResult(waiting=replaced_ids)


def _bind_with_descendants(
    context: StepContext, environments: tuple[str, ...], *, since_version: str = "", since_at: datetime | None = None
) -> None:
    """Bind events to the delivery's version, and to the later versions that changed only its words."""
    delivery = context.target_delivery
    version, source = delivery.change.version, delivery.source
    bind_source(
        _event_of_delivery(delivery),
        version,
        source,
        environments=environments,
        since_version=since_version,
        since_at=since_at,
        by=context.by,
        at=context.at,
    )
    if version is not None:
        for inheriting_version in inheriting_versions(version, source):
            inherit_bindings(inheriting_version, source, by=context.by, at=context.at)


def _set_open(delivery: Delivery, *, is_open: bool) -> None:
    if delivery.change.version is not None:
        set_delivery_open(delivery.change.version, delivery.source, is_open=is_open)


def _event_of_delivery(delivery: Delivery) -> Event:
    event = delivery.change.event
    assert event is not None, "an approved change has its event"
    return event
