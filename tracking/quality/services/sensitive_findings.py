"""Whether the rule `sensitive` is asked of the property that a finding tells of, and saying that it is not."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from accounts.permissions import Decision, can, require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.contract.json.pointers import path_label
from catalog.contract.rules.sensitive import SENSITIVE
from catalog.models import Event, EventName, SensitiveExemption
from catalog.services.sensitive_exemptions import end_exemption, exempt_property, is_exemptable
from tracking.quality.models import Finding
from tracking.quality.services.triage import resolve_by_system


@dataclass(frozen=True, slots=True)
class ExemptionOffer:
    """The exemption of the property that a finding tells of, None where people are warned of it, and who may decide."""

    event: Event
    exemption: SensitiveExemption | None
    may_decide: Decision


def exemption_offer(finding: Finding, user: User) -> ExemptionOffer | None:
    """Return what may be decided; None where a finding breaks another rule, or tells of no property that is defined."""
    event = _exemptable_event(finding)
    if event is None:
        return None
    exemption = event.sensitive_exemptions.active().filter(path=finding.path).select_related("created_by").first()
    return ExemptionOffer(event, exemption, can(user, Capability.REQUEST_APPROVE, on=event))


def require_exemption(finding: Finding, *, by: User) -> None:
    """Raise Forbidden where a person may not exempt the property that a finding tells of.

    Where it tells of none, whoever may approve for its source's team is told that instead.
    """
    event = _exemptable_event(finding)
    if event is None:
        require(by, Capability.REQUEST_APPROVE, on=finding.source)
    else:
        require(by, Capability.REQUEST_APPROVE, on=event)


@transaction.atomic
def decide_exemption(finding: Finding, *, is_exempt: bool, reason: str, by: User) -> SensitiveExemption:
    """Exempt the property of a finding from the rule `sensitive`, or end that; return the exemption.

    What was found of an exempted property, on every source, is resolved; what comes once that ended is regressed.
    Raises what `catalog.services.sensitive_exemptions` raises, and UnmetConditionsError (`finding`) where the finding
    breaks another rule or tells of no property that is defined.
    """
    require_exemption(finding, by=by)
    event = _exemptable_event(finding)
    if event is None:
        raise UnmetConditionsError(
            [UnmetCondition("finding", "This finding tells of no sensitive value in a property that is defined.")]
        )
    if not is_exempt:
        return end_exemption(event, finding.path, reason=reason, by=by)
    exemption = exempt_property(event, finding.path, reason=reason, by=by)
    told = Finding.objects.of_events([event.pk]).filter(rule=SENSITIVE.code, path=finding.path)
    why = f"{by} switched the rule off for {path_label(finding.path)}: {exemption.reason}"
    resolve_by_system(told, lambda _: why, at=exemption.created_at)
    return exemption


def _exemptable_event(finding: Finding) -> Event | None:
    if finding.rule != SENSITIVE.code or not is_exemptable(finding.path):
        return None
    name = (
        EventName.objects.filter(call=finding.seen_name.call, name_hash=finding.seen_name.name_hash)
        .select_related("event__owner_team")
        .first()
    )
    return name.event if name else None
