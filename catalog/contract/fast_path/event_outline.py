"""What stands around the properties of an event, read before it is known which definition describes them."""

from typing import Any, Literal, Required, TypedDict, cast

import msgspec
from msgspec import structs

from catalog.contract.normalized_event import Event


class SentEvent(TypedDict, total=False):
    """An event as the SDKs of Segment and RudderStack send it. One that has any other key is not fast."""

    type: Required[Literal["track", "page", "screen"]]
    properties: msgspec.Raw  # msgspec does not take a required member as raw
    context: msgspec.Raw
    traits: Any
    event: Any
    name: Any
    category: Any
    channel: Any
    integrations: Any
    writeKey: Any
    _metadata: Any
    userId: Any
    anonymousId: Any
    messageId: Any
    timestamp: Any
    originalTimestamp: Any
    sentAt: Any


_decode_sent = msgspec.json.Decoder(SentEvent).decode
_decode_any = msgspec.json.Decoder().decode


class EventOutline(msgspec.Struct, gc=False):
    """An event whose properties are still text: what says which definition describes it.

    `raw` is its text, and `sent` the event as it was sent, with its context parsed and its properties raw; `name`,
    `call` and `sent_at` are those of the normalised event.
    """

    raw: msgspec.Raw
    sent: dict[str, Any]
    call: str
    name: str
    sent_at: Any

    @property
    def context(self) -> Any:
        return self.sent.get("context")

    @property
    def occurred_at(self) -> Any:
        """When it happened, as the client wrote it."""
        return _first_given(self.sent.get("timestamp"), self.sent.get("originalTimestamp"))


def read_outline(raw: msgspec.Raw, parsed_contexts: dict[bytes, Any], sent_at: Any = None) -> EventOutline:
    """Return the outline of an event. `parsed_contexts` are those of its body that were parsed, by their text, and
    `sent_at` is what the body says once for all of its events.

    The events of one body nearly always share a context: one user, one device. Raises one of msgspec's errors, or
    UnicodeDecodeError, for an event that is not fast.
    """
    sent = cast(dict[str, Any], _decode_sent(raw))
    if "properties" not in sent:
        raise msgspec.ValidationError("an event without properties")
    call = sent["type"]
    if call == "track":
        name = sent.get("event")
        if not isinstance(name, str) or not name.strip():
            raise msgspec.ValidationError("an event without a name")
    else:
        name = sent.get("name")
        if not isinstance(name, str) or not name.strip():
            name = call
    if "context" in sent:
        text = bytes(sent["context"])
        if text not in parsed_contexts:
            parsed_contexts[text] = _decode_any(text)
        sent["context"] = parsed_contexts[text]
    return EventOutline(raw, sent, call, name, _first_given(sent.get("sentAt"), sent_at))


def to_event(outline: EventOutline, *, received_at: str | None) -> Event:
    """Return the normalised event of an outline whose properties were parsed. `received_at` is a text in ISO 8601."""
    sent = outline.sent
    get = sent.get
    return Event(
        call=outline.call,
        event=outline.name,
        user_id=get("userId"),
        anonymous_id=get("anonymousId"),
        message_id=get("messageId"),
        occurred_at=outline.occurred_at,
        sent_at=outline.sent_at,
        received_at=received_at,
        properties=sent["properties"],
        traits=_traits_of(sent),
        context=get("context"),
    )


def unproven_event(outline: EventOutline) -> Event | None:
    """Return the event of an outline with its properties as any parser reads them; None where they are no JSON.

    The outline stays as it was. Nothing is known of the event: neither that it conforms, nor that no key came twice.
    """
    try:
        properties = _decode_any(outline.sent["properties"])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    with_properties = structs.replace(outline, sent=outline.sent | {"properties": properties})
    return to_event(with_properties, received_at=None)


def _traits_of(sent: dict[str, Any]) -> Any:
    """Return the traits of an event, which RudderStack's SDKs put into the context."""
    traits, context = sent.get("traits"), sent.get("context")
    return context["traits"] if not traits and isinstance(context, dict) and context.get("traits") else traits


def _first_given(value: Any, other: Any) -> Any:
    """Return a value; the other one where nothing came or an empty text did."""
    return value if other is None or (value is not None and value != "") else other
