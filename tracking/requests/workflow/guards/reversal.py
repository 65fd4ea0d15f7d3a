"""Guards on sending back: nothing that was verified, and no version that others build on."""

from accounts.preconditions import UnmetCondition
from catalog.models import Version
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.workflow.lineage import substantive_descendants
from tracking.requests.workflow.steps.step_context import StepContext

PAST_REVIEWED = (DeliveryState.DEVELOPED, DeliveryState.TESTED, DeliveryState.LIVE)


def no_tested_delivery(context: StepContext) -> list[UnmetCondition]:
    """No delivery of the request is tested or live."""
    return [
        UnmetCondition(
            "delivered",
            f"{delivery.change.name} is {delivery.get_state_display().lower()} on {delivery.source}. "
            "Drop single deliveries instead.",
        )
        for delivery in context.deliveries
        if delivery.state in (DeliveryState.TESTED, DeliveryState.LIVE)
    ]


def no_dependent_version(context: StepContext) -> list[UnmetCondition]:
    """No version that descends from one of this request is past reviewed, apart from words-only versions."""
    return [
        UnmetCondition(
            "built_on", f"{version.event} {version.number} builds on it and is on its way. Drop deliveries instead."
        )
        for version in substantive_descendants(
            [change.version_id for change in context.changes if change.version_id is not None]
        )
        if _is_past_reviewed(version)
    ]


def _is_past_reviewed(version: Version) -> bool:
    change = getattr(version, "change", None)
    if change is None or change.request.state == RequestState.LIVE:  # imported, or nothing had to be delivered
        return True
    return bool(change.deliveries.filter(state__in=PAST_REVIEWED).exists())
