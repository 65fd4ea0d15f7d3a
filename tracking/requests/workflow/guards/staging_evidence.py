"""The guard on verifying: what arrived outside production since the delivery was developed."""

from django.conf import settings

from accounts.preconditions import UnmetCondition
from catalog.contract.json.pointers import path_label
from catalog.contract.schema.rule_descriptions import pluralize
from tracking.requests.evidence.delivery_app_version import has_app_versions
from tracking.requests.evidence.summaries import required_property_paths, staging_evidence, unknown_ids
from tracking.requests.workflow.steps.step_context import StepContext

MAX_IDS_LISTED = 10


def sufficient_staging_evidence(context: StepContext) -> list[UnmetCondition]:
    """Conforming events, each property that the change adds or alters, and none nonconforming among the chosen ids.

    The properties are those of the events of all ids, chosen or not: they are counted by delivery, not by id.
    """
    delivery = context.target_delivery
    summary = staging_evidence(delivery, context.ids, loaded=context.evidence)
    version_qualifier = f" from {delivery.app_version} on" if has_app_versions(delivery.source) else ""
    id_qualifier = "" if context.ids is None else " of the chosen ids"
    unmet = _unknown_chosen_ids(context)
    if summary.conforming < settings.EVIDENCE_MIN_CONFORMING:
        unmet.append(
            UnmetCondition(
                "evidence",
                f"{pluralize(summary.conforming, 'conforming event')}{id_qualifier} came from "
                f"{delivery.source}{version_qualifier} "
                f"outside production since it was developed; {settings.EVIDENCE_MIN_CONFORMING} or more are needed.",
            )
        )
    if summary.nonconforming:
        unmet.append(
            UnmetCondition(
                "nonconforming",
                f"{pluralize(summary.nonconforming, 'event')}{id_qualifier} did not conform since it was developed. "
                "Send the "
                "delivery back, or choose the ids whose events were meant.",
            )
        )
    required_paths = required_property_paths(delivery, loaded=context.evidence)
    missing_paths = [path for path in required_paths if path not in summary.seen_paths]
    if missing_paths:
        labels = ", ".join(map(path_label, missing_paths))
        unmet.append(UnmetCondition("properties", f"Not seen yet in a conforming event of anybody: {labels}."))
    return unmet


def _unknown_chosen_ids(context: StepContext) -> list[UnmetCondition]:
    """Return a condition for chosen ids without evidence: QA cannot sign that they sent nothing wrong."""
    if not context.ids:
        return []
    unknown = unknown_ids(context.target_delivery, context.ids)
    if not unknown:
        return []
    listed = ", ".join(str(each) for each in unknown[:MAX_IDS_LISTED])
    more = f" and {len(unknown) - MAX_IDS_LISTED} more" if len(unknown) > MAX_IDS_LISTED else ""
    return [
        UnmetCondition(
            "ids",
            f"Nothing is kept of the chosen ids {listed}{more}: no event of theirs counted since it was developed, or "
            f"{settings.EVIDENCE_IDS_KEPT} other ids came first. Leave them out, or choose none so that all count.",
        )
    ]
