"""The wire of Segment's SDKs, which RudderStack's speak too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from catalog.contract import Event, Fault, Reading, Unreadable
from tracking.traffic.collect.wires.wire_protocol import NOT_STRICT, Envelope, object_of

CALLS = {
    "track": "track",
    "page": "page",
    "screen": "screen",
    "identify": "identify",
    "group": "group",
    "alias": "alias",
    "merge": "alias",  # RudderStack's: it joins two ids, which is what alias says
}
NAMED = {"page", "screen"}  # a name of their own if they have one, else their call
ONCE_NAMED = {"identify", "group", "alias"}
# What these calls say beside the normalised shape; kept where contracts leave room.
EXTRAS = {"group": ("groupId",), "alias": ("previousId", "mergeProperties")}

# Where a fault of the raw event lies in the normalised one, by its first step.
PLACES = {
    "type": "call",
    "event": "event",
    "name": "event",
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "messageId": "message_id",
    "timestamp": "occurred_at",
    "originalTimestamp": "occurred_at",
    "sentAt": "sent_at",
    "properties": "properties",
    "traits": "traits",
    "context": "context",
}


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    writeKey: Any = None
    sentAt: Any = None
    context: Any = None


class _Single(msgspec.Struct):
    writeKey: Any = None
    sentAt: Any = None


_read_batch = msgspec.json.Decoder(_Batch).decode
_read_single = msgspec.json.Decoder(_Single).decode


class SegmentWire:
    """`/v1/batch`, `/v1/import` and one path a call."""

    name = "segment"
    paths: Mapping[str, str] = {
        "v1/batch": "",
        "v1/b": "",
        "v1/import": "",
        "v1/merge": "merge",
        **{f"v1/{call}": call for call in ("track", "page", "screen", "identify", "group", "alias")},
        **{f"v1/{call[0]}": call for call in ("track", "page", "screen", "identify", "group", "alias")},
    }

    def envelope(self, body: bytes, *, call: str) -> Envelope:
        """Split a batch, or take a single call's body as its one event."""
        return self._single(body) if call else self._batch(body)

    def _batch(self, body: bytes) -> Envelope:
        # A second list of this name would be dropped without a word: the second parser tells.
        if body.count(b'"batch"') < 2:
            try:
                found = _read_batch(body)
            except NOT_STRICT:
                pass
            else:
                return Envelope(
                    events=found.batch, key=_text(found.writeKey), sent_at=found.sentAt, shared=found.context
                )
        reading = object_of(body)
        events = reading.value.get("batch")
        if not isinstance(events, list):
            raise Unreadable("The body has no list of events named batch.")
        if any(fault.pointer == "/batch" for fault in reading.faults):
            raise Unreadable("The body has more than one list named batch.")
        return Envelope(
            events=[Reading(event, reading.faults_below(f"/batch/{at}")) for at, event in enumerate(events)],
            key=_text(reading.value.get("writeKey")),
            sent_at=reading.value.get("sentAt"),
            shared=reading.value.get("context"),
        )

    def _single(self, body: bytes) -> Envelope:
        try:
            found = _read_single(body)
        except NOT_STRICT:
            reading = object_of(body)
            return Envelope(
                events=[reading], key=_text(reading.value.get("writeKey")), sent_at=reading.value.get("sentAt")
            )
        return Envelope(events=[msgspec.Raw(body)], key=_text(found.writeKey), sent_at=found.sentAt)

    def normalise(self, arrived: Reading, *, envelope: Envelope, call: str, received_at: datetime) -> Event:
        """Return the event; the path's call counts before the body's."""
        raw = arrived.value
        if not isinstance(raw, dict):
            return Event(call="", event=raw, received_at=received_at.isoformat(), faults=arrived.faults)
        kind = CALLS.get(call or _lower(raw.get("type")), "")
        context = _context(raw, envelope.shared, kind)
        traits, is_from_context = _traits(raw, context)
        return Event(
            call=kind,
            event=_name(raw, kind),
            user_id=raw.get("userId"),
            anonymous_id=raw.get("anonymousId"),
            message_id=raw.get("messageId"),
            occurred_at=raw.get("timestamp") or raw.get("originalTimestamp"),
            sent_at=raw.get("sentAt") or envelope.sent_at,
            received_at=received_at.isoformat(),
            properties=raw.get("properties"),
            traits=traits,
            context=context,
            faults=_placed(arrived.faults, is_from_context) if arrived.faults else (),
        )

    def body_of(self, raw: bytes, *, envelope: Envelope, call: str) -> bytes:
        """Return the event's own body: itself for a single call, else a batch of one."""
        if call:
            return raw
        shared = {"sentAt": envelope.sent_at, "context": envelope.shared}
        said = {name: value for name, value in shared.items() if value is not None}
        return msgspec.json.encode({"batch": [msgspec.Raw(raw)], **said})

    def definition_version(self, event: Event) -> str:
        """Return `context.protocols.event_version`, where tracking plans of Segment name it."""
        protocols = event.context.get("protocols") if isinstance(event.context, dict) else None
        named = protocols.get("event_version") if isinstance(protocols, dict) else None
        return str(named)[:100] if isinstance(named, str | int) and not isinstance(named, bool) else ""

    def answer(self) -> dict[str, Any]:
        """Return what the clients of both houses take as success."""
        return {"success": True, "status": 1, "code": 200}


class RudderStackWire(SegmentWire):
    """The same format under its other name; the paths are Segment's."""

    name = "rudderstack"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _lower(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _name(raw: dict[str, Any], kind: str) -> Any:
    """Return the event's name; what came instead of one where there is none, for people to see."""
    if kind == "track":
        return raw.get("event")
    if kind in NAMED:
        name = raw.get("name")
        return name if isinstance(name, str) and name.strip() else kind
    return kind if kind in ONCE_NAMED else raw.get("type")


def _context(raw: dict[str, Any], shared: Any, kind: str) -> Any:
    context = raw.get("context")
    if isinstance(shared, dict) and (context is None or isinstance(context, dict)):
        context = {**shared, **(context or {})}
    extras = {name: raw[name] for name in EXTRAS.get(kind, ()) if name in raw}
    if extras and (context is None or isinstance(context, dict)):
        context = {**(context or {}), **extras}
    return context


def _traits(raw: dict[str, Any], context: Any) -> tuple[Any, bool]:
    """Return the traits and whether they came in the context, where RudderStack's SDKs put them."""
    traits = raw.get("traits")
    if not traits and isinstance(context, dict) and context.get("traits"):
        return context["traits"], True
    return traits, False


def _placed(faults: tuple[Fault, ...], is_from_context: bool) -> tuple[Fault, ...]:
    """Return the faults with pointers into the normalised event; where it keeps nothing, into its whole."""
    placed = set()
    for fault in faults:
        if is_from_context and fault.pointer.startswith("/context/traits"):
            placed.add(Fault(fault.pointer.removeprefix("/context"), fault.reason))
            continue
        _, _, steps = fault.pointer.partition("/")
        first, slash, rest = steps.partition("/")
        place = PLACES.get(first)
        placed.add(Fault(f"/{place}{slash}{rest}" if place else "", fault.reason))
    return tuple(sorted(placed))
