"""The normalised event: the one shape that every path of a violation points into."""

from typing import Any

from msgspec import Struct

from catalog.contract.json.parse_errors import ParseError


class Event(Struct, frozen=True, kw_only=True):
    """One event, whichever SDK sent it.

    The adapter of a wire fills it with what came and changes nothing: any field but `call` may hold any
    JSON value, and None stands for what did not come. `received_at` alone is our own: in an event that a collector took
    it is a text, ISO 8601 with its offset from UTC; elsewhere (an example, a dry run of a document) it may be None.
    `occurred_at` and `sent_at` are what the client wrote, usually such a text, but any JSON value, with any offset or
    none, by a clock that may be wrong. `parse_errors` is what the lenient parser or the adapter
    found wrong in it; their pointers start at this event (`/properties/total`).
    """

    call: str
    event: str | None = None
    user_id: Any = None
    anonymous_id: Any = None
    message_id: Any = None
    occurred_at: Any = None
    sent_at: Any = None
    received_at: Any = None
    app_version: Any = None
    properties: Any = None
    traits: Any = None
    context: Any = None
    parse_errors: tuple[ParseError, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the event as JSON values, without its parse errors; violations' paths point into this."""
        return {
            "call": self.call,
            "event": self.event,
            "user_id": self.user_id,
            "anonymous_id": self.anonymous_id,
            "message_id": self.message_id,
            "occurred_at": self.occurred_at,
            "sent_at": self.sent_at,
            "received_at": self.received_at,
            "app_version": self.app_version,
            "properties": self.properties,
            "traits": self.traits,
            "context": self.context,
        }
