"""The guards on going live: production proves it, or an analyst answers for what no event can show."""

from django.conf import settings

from accounts.preconditions import Unmet
from catalog.choices import Environment, VersionFrom
from catalog.contract import Change as HowFar
from catalog.contract import compare
from catalog.models import Deploy
from tracking.requests.evidence.delivery_app_version import must_reach, reaches
from tracking.requests.evidence.summaries import proof_of
from tracking.requests.evidence.thresholds import threshold_of
from tracking.requests.models import Delivery
from tracking.requests.workflow.steps.step_context import Context


def proof(context: Context) -> list[Unmet]:
    """Enough proof events from enough ids over enough time since it was tested, and the newest of all conform."""
    needed = threshold_of(context.moved)
    shown = proof_of(context.moved)
    unmet = []
    if shown.events < needed.events:
        unmet.append(Unmet("proof_events", f"{shown.events} of {needed.events} proof events came from production."))
    if shown.ids < needed.ids:
        unmet.append(Unmet("proof_ids", f"They came from {shown.ids} of {needed.ids} devices or people."))
    if shown.span < needed.span:
        unmet.append(Unmet("proof_span", f"They span {shown.span}; {needed.span} are needed."))
    if shown.newest.share < settings.PROOF_CONFORMING_SHARE:
        unmet.append(
            Unmet(
                "proof_share",
                f"{shown.newest.share:.0%} of the newest 24 hours conform; {settings.PROOF_CONFORMING_SHARE:.0%} must.",
            )
        )
    return unmet


def cannot_show(context: Context) -> list[Unmet]:
    """No event can show whether the new version runs: by hand, with a reason, is the way that is left."""
    if is_showable(context.moved):
        return [Unmet("by_hand", "Production traffic can show this by itself, so the system decides when it is live.")]
    return []


def is_showable(delivery: Delivery) -> bool:
    """Whether some event could prove the delivery.

    By its app version; by a deploy marker at or after the delivery's; or, as wherever no app version is to be reached,
    by being valid under the new version and not under its parent, which no event is where the parent is proven to
    accept everything that the new version does.
    """
    if delivery.app_version and must_reach(delivery.source, Environment.PRODUCTION):
        if delivery.source.version_from == VersionFrom.PAYLOAD:
            return True
        marked = Deploy.objects.filter(source=delivery.source, environment=Environment.PRODUCTION)
        if any(
            reaches(delivery, version, Environment.PRODUCTION) for version in marked.values_list("version", flat=True)
        ):
            return True
    version = delivery.change.version
    if version is None or version.parent is None:
        return True
    back = compare(version.definition, version.parent.definition, source=delivery.source.slug)
    return bool(back.change == HowFar.MAJOR)
