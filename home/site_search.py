"""Search over events, properties and requests, with suggestions of similar names."""

from dataclasses import dataclass

from catalog.models import Event, Property
from catalog.name_suggestions import suggest_events
from tracking.quality.models import Finding
from tracking.requests.models import Request

MAX_RESULTS = 10


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found, by kind, best first.

    Where no event was found, `meant` are events of a near name, and `allowing` those with a property that may have
    the text as its value; `refused` are findings of such a value where no property may have it.
    """

    events: list[Event]
    properties: list[Property]
    requests: list[Request]
    suggestions: list[Event]
    allowing: list[Event]
    value_findings: list[Finding]

    @property
    def total(self) -> int:
        return (
            len(self.events) + len(self.properties) + len(self.requests) + len(self.allowing) + len(self.value_findings)
        )


def search_site(text: str) -> SearchResults:
    """Search the catalog and the requests for a text (a handful of each)."""
    events = list(Event.objects.with_result_data().search(text)[:MAX_RESULTS])
    allowing = Event.objects.with_result_data().allowing_value(text).order_by("name", "id")
    value_findings = Finding.objects.active().filter(came__icontains=text).with_list_data().worst_first()
    return SearchResults(
        events=events,
        properties=list(Property.objects.with_result_data().search(text)[:MAX_RESULTS]),
        requests=list(Request.objects.with_result_data().search(text)[:MAX_RESULTS]),
        suggestions=[] if events else suggest_events(text),
        allowing=[] if events else list(allowing[:MAX_RESULTS]),
        value_findings=[] if events else list(value_findings[:MAX_RESULTS]),
    )
