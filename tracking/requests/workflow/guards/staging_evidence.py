"""The guard on verifying: what arrived outside production since the delivery was developed."""

from django.conf import settings

from accounts.preconditions import Unmet
from catalog.contract.json.pointers import place
from catalog.contract.schema.rule_descriptions import counted
from tracking.requests.evidence.delivery_app_version import has_app_versions
from tracking.requests.evidence.summaries import needed_properties, not_kept, tested_by
from tracking.requests.workflow.steps.step_context import Context

IDS_NAMED = 10


def evidence(context: Context) -> list[Unmet]:
    """Conforming events, each property that the change adds or alters, and none nonconforming among the chosen ids.

    The properties are those of the events of all ids, chosen or not: they are counted by delivery, not by id.
    """
    delivery = context.moved
    measure = tested_by(delivery, context.ids)
    of_version = f" from {delivery.app_version} on" if has_app_versions(delivery.source) else ""
    among = "" if context.ids is None else " of the chosen ids"
    unmet = _not_kept(context)
    if measure.conforming < settings.EVIDENCE_MIN_CONFORMING:
        unmet.append(
            Unmet(
                "evidence",
                f"{counted(measure.conforming, 'conforming event')}{among} came from {delivery.source}{of_version} "
                f"outside production since it was developed; {settings.EVIDENCE_MIN_CONFORMING} or more are needed.",
            )
        )
    if measure.nonconforming:
        unmet.append(
            Unmet(
                "nonconforming",
                f"{counted(measure.nonconforming, 'event')}{among} did not conform since it was developed. Send the "
                "delivery back, or choose the ids whose events were meant.",
            )
        )
    missing = [path for path in needed_properties(delivery) if path not in measure.seen]
    if missing:
        named = ", ".join(map(place, missing))
        unmet.append(Unmet("properties", f"Not seen yet in a conforming event of anybody: {named}."))
    return unmet


def _not_kept(context: Context) -> list[Unmet]:
    """Name the chosen ids of which nothing is known, since nobody may sign that they sent nothing wrong."""
    missing = not_kept(context.moved, context.ids or ())
    if not missing:
        return []
    named = ", ".join(str(each) for each in missing[:IDS_NAMED])
    more = f" and {len(missing) - IDS_NAMED} more" if len(missing) > IDS_NAMED else ""
    return [
        Unmet(
            "ids",
            f"Nothing is kept of the chosen ids {named}{more}: no event of theirs counted since it was developed, or "
            f"{settings.EVIDENCE_IDS_KEPT} other ids came first. Leave them out, or choose none so that all count.",
        )
    ]
