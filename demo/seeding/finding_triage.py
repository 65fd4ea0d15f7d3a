"""Triage of the demo's findings: some are acknowledged, one is resolved, one is ignored."""

from dataclasses import dataclass

from demo.company import ANDROID, IOS, SERVICE, WEB
from demo.seeding.company_setup import Company
from tracking.quality.choices import FindingState
from tracking.quality.models import Finding
from tracking.quality.services.triage import assign_finding, transition_finding


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """What somebody decided about the findings of one rule, of one name from one source."""

    name: str
    source: str
    rule: str
    by: str
    to: FindingState | None = None
    reason: str = ""
    owner: str = ""
    days_ago: float = 0.5


TRIAGE_DECISIONS = (
    TriageDecision(
        "Product Added", IOS, "type", "david", FindingState.ACKNOWLEDGED, "Fixed in 7.4.1, out since yesterday."
    ),
    TriageDecision("Search Performed", ANDROID, "required", "noor", owner="yuki"),
    TriageDecision("Search Performed", WEB, "not", "jonas", owner="henrik"),
    TriageDecision(
        "Promotion Clicked",
        WEB,
        "unknown_property",
        "jonas",
        FindingState.IGNORED,
        "One link of the autumn campaign, which ends this week.",
        days_ago=3.0,
    ),
    TriageDecision(
        "Order Shipped",
        SERVICE,
        "unknown_property",
        "ruth",
        FindingState.RESOLVED,
        "1.1.0 knows the day.",
        days_ago=7.0,
    ),
    TriageDecision("Wishlist Item Added", IOS, "type", "lin", FindingState.RESOLVED, "Fixed in 7.3.1.", days_ago=21.6),
)


def triage_findings(company: Company) -> None:
    """Carry the decisions out."""
    for decision in TRIAGE_DECISIONS:
        by = company.people[decision.by]
        findings = Finding.objects.filter(
            seen_name__name=decision.name, source=company.sources[decision.source], rule=decision.rule
        )
        for finding in findings:
            if decision.owner:
                assign_finding(finding, company.people[decision.owner], by=by)
            if decision.to is not None:
                transition_finding(
                    finding, decision.to, by=by, reason=decision.reason, at=company.ago(decision.days_ago)
                )
