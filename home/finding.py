"""Where a text is found: in events, properties and requests, with what it may have been meant to be."""

from dataclasses import dataclass

from catalog.models import Event, Property
from catalog.suggestions import suggest
from tracking.requests.filters import RequestFilter
from tracking.requests.models import Request

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found, by kind, best first; `meant` are events of a near name, where none was found."""

    events: list[Event]
    properties: list[Property]
    requests: list[Request]
    meant: list[Event]

    @property
    def total(self) -> int:
        return len(self.events) + len(self.properties) + len(self.requests)


def find(text: str) -> Results:
    """Search the catalog and the requests for a text (a handful of each)."""
    events = list(Event.objects.with_list_data().search(text)[:SHOWN])
    return Results(
        events=events,
        properties=list(Property.objects.with_list_data().search(text)[:SHOWN]),
        requests=list(RequestFilter({"q": text}, queryset=Request.objects.with_list_data()).qs[:SHOWN]),
        meant=[] if events else suggest(text),
    )
