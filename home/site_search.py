"""Where a text is found: in events, properties and requests, with what it may have been meant to be."""

from dataclasses import dataclass

from catalog.models import Event, Property
from catalog.name_suggestions import suggest
from tracking.quality.models import Finding
from tracking.requests.filters import RequestFilter
from tracking.requests.models import Request

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found, by kind, best first.

    Where no event was found, `meant` are events of a near name, and `allowing` those with a property that may have
    the text as its value; `refused` are findings of such a value where no property may have it.
    """

    events: list[Event]
    properties: list[Property]
    requests: list[Request]
    meant: list[Event]
    allowing: list[Event]
    refused: list[Finding]

    @property
    def total(self) -> int:
        return len(self.events) + len(self.properties) + len(self.requests) + len(self.allowing) + len(self.refused)


def find(text: str) -> Results:
    """Search the catalog and the requests for a text (a handful of each)."""
    events = list(Event.objects.with_list_data().search(text)[:SHOWN])
    allowing = [] if events else list(Event.objects.with_list_data().allowing(text).order_by("name", "id")[:SHOWN])
    refused = Finding.objects.standing().filter(came__icontains=text).with_list_data().worst_first()
    return Results(
        events=events,
        properties=list(Property.objects.with_list_data().search(text)[:SHOWN]),
        requests=list(RequestFilter({"q": text}, queryset=Request.objects.with_list_data()).qs[:SHOWN]),
        meant=[] if events else suggest(text),
        allowing=allowing,
        refused=[] if events else list(refused[:SHOWN]),
    )
