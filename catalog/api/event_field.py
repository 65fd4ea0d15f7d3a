"""An event that a body names: by its id, or by a name that it has or had."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import Event

MAX_ID = 2**63 - 1


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class EventField(serializers.Field[Event, Any, Any, Any]):
    """A number is an id. A text is an exact name; in digits, an id where nothing has this name."""

    default_error_messages = {
        "does_not_exist": "There is no event {value}.",
        "ambiguous": "Several events are named “{value}”: {ids}. Name one by its id.",
        "invalid": "Enter an event's id, or its exact name.",
    }

    def to_internal_value(self, data: Any) -> Event:
        """The event. Raises ValidationError where there is none, or several have the name."""
        if isinstance(data, bool) or not isinstance(data, int | str) or data == "":
            self.fail("invalid")
        if isinstance(data, str):
            named = list(Event.objects.with_name(data).order_by("pk")[:10]) if "\0" not in data else []
            current = [event for event in named if event.name == data] or named
            if len(current) > 1:
                ids = ", ".join(f"{event.pk} ({event.call})" for event in current)
                self.fail("ambiguous", value=data[:100], ids=ids)
            if current:
                return current[0]
        event_id = int(data) if str(data).isascii() and str(data).isdigit() and len(str(data)) < 20 else 0
        event = Event.objects.filter(pk=event_id).first() if 0 < event_id <= MAX_ID else None
        if event is None:
            self.fail("does_not_exist", value=f"“{data[:100]}”" if isinstance(data, str) else str(data)[:30])
        return event

    def to_representation(self, value: Event) -> int:
        """The id."""
        return value.pk
