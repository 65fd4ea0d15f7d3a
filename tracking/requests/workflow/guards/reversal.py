"""Guards on the ways back: what is proven or built upon is not pulled away."""

from accounts.preconditions import Unmet
from catalog.models import Version
from tracking.requests.choices import DeliveryState, State
from tracking.requests.workflow.lineage import built_upon
from tracking.requests.workflow.steps.step_context import Context

PAST_REVIEWED = (DeliveryState.DEVELOPED, DeliveryState.TESTED, DeliveryState.LIVE)


def nothing_tested(context: Context) -> list[Unmet]:
    """No delivery of the request is tested or live."""
    return [
        Unmet(
            "delivered",
            f"{delivery.change.name} is {delivery.get_state_display().lower()} on {delivery.source}. "
            "Drop single deliveries instead.",
        )
        for delivery in context.deliveries
        if delivery.state in (DeliveryState.TESTED, DeliveryState.LIVE)
    ]


def nothing_built_on_it(context: Context) -> list[Unmet]:
    """No version that descends from one of this request's is past reviewed; words alone go back with what they word."""
    return [
        Unmet("built_on", f"{version.event} {version.number} builds on it and is on its way. Drop deliveries instead.")
        for version in built_upon([change.version_id for change in context.changes if change.version_id is not None])
        if _is_past_reviewed(version)
    ]


def _is_past_reviewed(version: Version) -> bool:
    change = getattr(version, "change", None)
    if change is None or change.request.state == State.LIVE:  # imported, or nothing had to be delivered
        return True
    return bool(change.deliveries.filter(state__in=PAST_REVIEWED).exists())
