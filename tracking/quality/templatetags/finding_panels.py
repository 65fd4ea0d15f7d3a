"""The panel of findings that pages of other rooms show."""

from typing import Any

from django import template
from django.template.context import RequestContext

from catalog.choices import Environment
from catalog.models import Event
from tracking.quality.explanations import explain
from tracking.quality.models import Finding

register = template.Library()

ROWS = 5


def _worst(context: RequestContext, event: Event) -> list[Finding]:
    """Return the worst standing findings of an event; asked for once a page (one query)."""
    kept = context.render_context
    if (key := f"standing_findings_{event.pk}") not in kept:
        rows = Finding.objects.of_event(event.pk).standing().with_list_data().worst_first()
        kept[key] = list(rows[: ROWS + 1])
    found: list[Finding] = kept[key]
    return found


@register.inclusion_tag("quality/_top.html", takes_context=True)
def top_finding(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% top_finding event %}`: the worst thing that is wrong in production, and who knows, in a sentence or two."""
    worst = _worst(context, event)
    finding = worst[0] if worst and worst[0].environment == Environment.PRODUCTION else None
    return {"finding": finding, "explanation": explain(finding) if finding else None}


@register.inclusion_tag("quality/_panel.html", takes_context=True)
def findings_panel(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% findings_panel event %}`: the standing findings of an event, the worst first, explained."""
    findings = _worst(context, event)
    return {
        "event": event,
        "explained": [(finding, explain(finding)) for finding in findings[:ROWS]],
        "has_more": len(findings) > ROWS,
    }
