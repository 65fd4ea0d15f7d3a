"""The panel of findings that pages of other rooms show."""

from typing import Any

from django import template

from catalog.models import Event
from tracking.quality.models import Finding
from tracking.quality.words import explain

register = template.Library()

ROWS = 5


@register.inclusion_tag("quality/_panel.html")
def findings_panel(event: Event) -> dict[str, Any]:
    """`{% findings_panel event %}`: the newest unsettled findings of an event, explained (one query)."""
    findings = list(Finding.objects.of_event(event.pk).unsettled().with_list_data()[: ROWS + 1])
    return {
        "event": event,
        "explained": [(finding, explain(finding)) for finding in findings[:ROWS]],
        "has_more": len(findings) > ROWS,
    }
