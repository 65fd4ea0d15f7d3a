"""The guards on going live: production proves it, or an analyst answers for what no event can show."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings

from accounts.preconditions import UnmetCondition
from catalog.choices import Environment, VersionFrom
from catalog.contract import compare
from tracking.requests.evidence.delivery_app_version import reaches_app_version, requires_app_version
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.evidence.summaries import production_evidence
from tracking.requests.evidence.thresholds import threshold_for_delivery
from tracking.requests.models import Delivery
from tracking.requests.workflow.steps.step_context import StepContext


def proven_in_production(context: StepContext) -> list[UnmetCondition]:
    """Enough proof events from enough ids over enough time since it was tested, and the newest of all conform."""
    required = threshold_for_delivery(context.target_delivery, loaded=context.evidence)
    observed = production_evidence(context.target_delivery, loaded=context.evidence)
    unmet = []
    if observed.events < required.events:
        unmet.append(
            UnmetCondition("proof_events", f"{observed.events} of {required.events} proof events came from production.")
        )
    if observed.ids < required.ids:
        unmet.append(UnmetCondition("proof_ids", f"They came from {observed.ids} of {required.ids} devices or people."))
    if observed.span < required.span:
        unmet.append(UnmetCondition("proof_span", f"They span {observed.span}; {required.span} are needed."))
    if observed.recent.conforming_share < settings.PROOF_CONFORMING_SHARE:
        unmet.append(
            UnmetCondition(
                "proof_share",
                f"{observed.recent.conforming_share:.0%} of the newest 24 hours conform; "
                f"{settings.PROOF_CONFORMING_SHARE:.0%} must.",
            )
        )
    return unmet


def unprovable_by_traffic(context: StepContext) -> list[UnmetCondition]:
    """No event can show whether the new version runs, so that only a person can declare it live, with a reason."""
    if is_provable_by_traffic(context.target_delivery, loaded=context.evidence):
        return [
            UnmetCondition(
                "by_hand", "Production traffic can show this by itself, so the system decides when it is live."
            )
        ]
    return []


def is_provable_by_traffic(delivery: Delivery, *, loaded: LoadedEvidence | None = None) -> bool:
    """Whether some event could prove the delivery.

    By its app version; by a deploy marker at or after the delivery's; or, as wherever no app version is to be reached,
    by being valid under the new version and not under its parent, which no event is where the parent is proven to
    accept everything that the new version does.
    """
    if delivery.app_version and _can_reach_app_version(delivery, loaded or LoadedEvidence([delivery])):
        return True
    version = delivery.change.version
    if version is None or version.parent is None:
        return True
    return _refuses_something(
        _VersionPair(version.pk, delivery.source.slug, version.parent.definition, version.definition)
    )


def _can_reach_app_version(delivery: Delivery, loaded: LoadedEvidence) -> bool:
    """Whether production events can show that they come from the delivery's app version or a later one."""
    if delivery.source.version_from != VersionFrom.DEPLOYS:
        return requires_app_version(delivery.source, Environment.PRODUCTION)
    markers = loaded.production_deploy_versions(delivery.source_id)
    return any(reaches_app_version(delivery, version, Environment.PRODUCTION) for version in markers)


@dataclass(frozen=True, slots=True)
class _VersionPair:
    """A version on a source with its parent's definition and its own; versions never change, so the id names it."""

    version_id: int
    source_slug: str
    parent_definition: dict[str, Any] = field(compare=False)
    definition: dict[str, Any] = field(compare=False)


@lru_cache(maxsize=512)
def _refuses_something(pair: _VersionPair) -> bool:
    """Whether the parent refuses some event that the version accepts, or is not proven to accept every one."""
    reverse_comparison = compare(pair.definition, pair.parent_definition, source=pair.source_slug)
    return not reverse_comparison.keeps_valid
