"""The panel of findings that pages of other apps show."""

from typing import Any

from django import template
from django.template.context import RequestContext

from catalog.choices import Environment
from catalog.models import Event
from tracking.quality.choices import FindingState
from tracking.quality.explanations import explain
from tracking.quality.models import Finding

register = template.Library()

MAX_ROWS = 5
UNOWNED_MESSAGES = {
    FindingState.ACKNOWLEDGED: "It is known.",
    FindingState.REGRESSED: "It had been resolved and came back.",
}


def _worst_findings(context: RequestContext, event: Event) -> list[Finding]:
    """Return the worst active findings of an event; queried once a page (one query)."""
    render_cache = context.render_context
    if (key := f"active_findings_{event.pk}") not in render_cache:
        rows = Finding.objects.of_event(event.pk).active().with_list_data().worst_first()
        render_cache[key] = list(rows[: MAX_ROWS + 1])
    findings: list[Finding] = render_cache[key]
    return findings


@register.inclusion_tag("quality/_top.html", takes_context=True)
def top_finding(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% top_finding event %}`: the worst thing that is wrong in production, and who knows, in a sentence or two."""
    worst = _worst_findings(context, event)
    finding = worst[0] if worst and worst[0].environment == Environment.PRODUCTION else None
    if finding is None:
        return {"finding": None}
    return {"finding": finding, "explanation": explain(finding), "ownership": _ownership_message(finding)}


def _ownership_message(finding: Finding) -> str:
    """Say who takes care of a finding."""
    if finding.owner:
        return f"{finding.owner} {'knows' if finding.state == FindingState.ACKNOWLEDGED else 'owns it'}."
    return UNOWNED_MESSAGES.get(FindingState(finding.state), "Nobody has taken it up yet.")


@register.inclusion_tag("quality/_panel.html", takes_context=True)
def findings_panel(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% findings_panel event %}`: the active findings of an event, the worst first, explained."""
    findings = _worst_findings(context, event)
    return {
        "event": event,
        "explained": [(finding, explain(finding)) for finding in findings[:MAX_ROWS]],
        "has_more": len(findings) > MAX_ROWS,
    }
