"""The wire of Segment's SDKs, which RudderStack's speak too."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.contract import Event, ParsedJson, ParseError, UnparsableBody
from tracking.traffic.collect.wires.wire_protocol import STRICT_PARSE_ERRORS, Envelope, parse_json_object

CALL_BY_TYPE = {
    "track": "track",
    "page": "page",
    "screen": "screen",
    "identify": "identify",
    "group": "group",
    "alias": "alias",
    "merge": "alias",  # RudderStack's: it joins two ids, which is what alias says
}
OPTIONALLY_NAMED_CALLS = {"page", "screen"}  # a name of their own if they have one, else their call
CALLS_WITHOUT_NAME = {"identify", "group", "alias"}
# Fields of these calls that the normalised event has no place for: kept in its context.
EXTRA_CONTEXT_FIELDS = {"group": ("groupId",), "alias": ("previousId", "mergeProperties")}

# Where a parse error of the raw event lies in the normalised one, by the first step of its pointer.
NORMALISED_FIELDS = {
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


_BATCH_NAME = re.compile(b'"%b"' % b"".join(b"(?:%c|\\\\u00%x)" % (letter, letter) for letter in b"batch"))
_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_single = msgspec.json.Decoder(_Single).decode


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

    def split(self, body: bytes, *, call: str) -> Envelope:
        """Split a batch, or take a single call's body as its one event."""
        return self._split_single(body) if call else self._split_batch(body)

    def _split_batch(self, body: bytes) -> Envelope:
        # The strict parser would silently drop a second list of this name; the lenient one reports it.
        if _count_batch_names(body) < 2:
            try:
                batch = _decode_batch(body)
            except STRICT_PARSE_ERRORS:
                pass
            else:
                return Envelope(
                    events=batch.batch, key=_text_or_empty(batch.writeKey), sent_at=batch.sentAt, shared=batch.context
                )
        parsed_json = parse_json_object(body)
        events = parsed_json.value.get("batch")
        if not isinstance(events, list):
            raise UnparsableBody("The body has no list of events named batch.")
        if any(parse_error.pointer == "/batch" for parse_error in parsed_json.parse_errors):
            raise UnparsableBody("The body has more than one list named batch.")
        return Envelope(
            events=[
                ParsedJson(event, parsed_json.parse_errors_below(f"/batch/{index}"))
                for index, event in enumerate(events)
            ],
            key=_text_or_empty(parsed_json.value.get("writeKey")),
            sent_at=parsed_json.value.get("sentAt"),
            shared=parsed_json.value.get("context"),
        )

    def _split_single(self, body: bytes) -> Envelope:
        try:
            single = _decode_single(body)
        except STRICT_PARSE_ERRORS:
            parsed_json = parse_json_object(body)
            return Envelope(
                events=[parsed_json],
                key=_text_or_empty(parsed_json.value.get("writeKey")),
                sent_at=parsed_json.value.get("sentAt"),
            )
        return Envelope(events=[msgspec.Raw(body)], key=_text_or_empty(single.writeKey), sent_at=single.sentAt)

    def normalise(self, parsed_json: ParsedJson, *, envelope: Envelope, call: str, received_at: datetime) -> Event:
        """Return the event; the path's call counts before the body's."""
        raw = parsed_json.value
        if not isinstance(raw, dict):
            return Event(call="", event=raw, received_at=received_at.isoformat(), parse_errors=parsed_json.parse_errors)
        event_call = CALL_BY_TYPE.get(call or _lower_or_empty(raw.get("type")), "")
        context = _context(raw, envelope.shared, event_call)
        traits, is_from_context = _traits(raw, context)
        return Event(
            call=event_call,
            event=_event_name(raw, event_call),
            user_id=raw.get("userId"),
            anonymous_id=raw.get("anonymousId"),
            message_id=raw.get("messageId"),
            occurred_at=raw.get("timestamp") or raw.get("originalTimestamp"),
            sent_at=raw.get("sentAt") or envelope.sent_at,
            received_at=received_at.isoformat(),
            properties=raw.get("properties"),
            traits=traits,
            context=context,
            parse_errors=_relocate_parse_errors(parsed_json.parse_errors, is_from_context)
            if parsed_json.parse_errors
            else (),
        )

    def body_of(self, events: Sequence[bytes], *, envelope: Envelope, call: str) -> bytes:
        """Return the event itself for a single call, else a batch of the events."""
        if call:
            return events[0]
        shared = {"sentAt": envelope.sent_at, "context": envelope.shared}
        shared_fields = {name: value for name, value in shared.items() if value is not None}
        return msgspec.json.encode({"batch": [msgspec.Raw(raw) for raw in events], **shared_fields})

    def definition_version(self, event: Event) -> str:
        """Return `context.protocols.event_version`, where tracking plans of Segment name it."""
        protocols = event.context.get("protocols") if isinstance(event.context, dict) else None
        version = protocols.get("event_version") if isinstance(protocols, dict) else None
        return str(version)[:100] if isinstance(version, str | int) and not isinstance(version, bool) else ""

    def success_response(self) -> dict[str, Any]:
        """Return what the clients of both vendors take as success."""
        return {"success": True, "status": 1, "code": 200}


def _count_batch_names(body: bytes) -> int:
    """Return how often the text `batch` stands in a body, as a key or a value, however its letters are escaped."""
    if b"\\u00" in body:
        return len(_BATCH_NAME.findall(body))
    return body.count(b'"batch"')


class RudderStackWire(SegmentWire):
    """The same format under its other name; the paths are Segment's."""

    name = "rudderstack"


def _text_or_empty(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _lower_or_empty(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def _event_name(raw: dict[str, Any], call: str) -> Any:
    """Return the event's name; what came instead of one where there is none, for people to see."""
    if call == "track":
        return raw.get("event")
    if call in OPTIONALLY_NAMED_CALLS:
        name = raw.get("name")
        return name if isinstance(name, str) and name.strip() else call
    return call if call in CALLS_WITHOUT_NAME else raw.get("type")


def _context(raw: dict[str, Any], shared: Any, call: str) -> Any:
    context = raw.get("context")
    if isinstance(shared, dict) and (context is None or isinstance(context, dict)):
        context = {**shared, **(context or {})}
    extras = {name: raw[name] for name in EXTRA_CONTEXT_FIELDS.get(call, ()) if name in raw}
    if extras and (context is None or isinstance(context, dict)):
        context = {**(context or {}), **extras}
    return context


def _traits(raw: dict[str, Any], context: Any) -> tuple[Any, bool]:
    """Return the traits and whether they came in the context, where RudderStack's SDKs put them."""
    traits = raw.get("traits")
    if not traits and isinstance(context, dict) and context.get("traits"):
        return context["traits"], True
    return traits, False


def _relocate_parse_errors(parse_errors: tuple[ParseError, ...], is_from_context: bool) -> tuple[ParseError, ...]:
    """Return the parse errors with pointers into the normalised event: to its root for what it does not keep."""
    relocated = set()
    for parse_error in parse_errors:
        if is_from_context and parse_error.pointer.startswith("/context/traits"):
            relocated.add(ParseError(parse_error.pointer.removeprefix("/context"), parse_error.reason))
            continue
        _, _, steps = parse_error.pointer.partition("/")
        first, slash, rest = steps.partition("/")
        field = NORMALISED_FIELDS.get(first)
        relocated.add(ParseError(f"/{field}{slash}{rest}" if field else "", parse_error.reason))
    return tuple(sorted(relocated))
