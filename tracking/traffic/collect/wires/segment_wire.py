"""The wire of Segment's SDKs, which RudderStack's speak too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from catalog.contract import Event, ParsedJson, ParseError, UnparsableBody
from tracking.traffic.collect.wires.body_limits import (
    TooManyEvents,
    first_items,
    require_few_values,
    require_small_shared,
)
from tracking.traffic.collect.wires.list_division import pieces_of
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


class _Outline(msgspec.Struct):
    """What of a body says whether it is a batch or an event, and what a batch says once for all of its events."""

    batch: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    type: Any = None
    event: Any = None
    writeKey: Any = None
    sentAt: Any = None
    context: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_BATCH_NAME = re.compile(b'"%b"' % b"".join(b"(?:%c|\\\\u00%x)" % (letter, letter) for letter in b"batch"))
_decode_outline = msgspec.json.Decoder(_Outline).decode
_decode_any = msgspec.json.Decoder().decode


class SegmentWire:
    """`/v1/batch`, one path a call, and `/v1/import` for history."""

    name = "segment"
    paths: Mapping[str, str] = {
        "v1/batch": "",
        "v1/b": "",
        "v1/import": "",
        "v1/merge": "merge",
        **{f"v1/{call}": call for call in ("track", "page", "screen", "identify", "group", "alias")},
        **{f"v1/{call[0]}": call for call in ("track", "page", "screen", "identify", "group", "alias")},
    }

    history_paths = frozenset({"v1/import"})

    def split(self, body: bytes, *, call: str, max_events: int, max_lenient_bytes: int | None = None) -> Envelope:
        """Split a batch, or take a body that is one event as that: by what it is, whatever its path says.

        Raises UnparsableBody for a body that is neither, and for one that is both; OversizedBody and TakesLong past a
        bound.
        """
        # The strict parser would silently drop a second list of this name; the lenient one reports it.
        if _count_batch_names(body) < 2:
            try:
                envelope = _strict_envelope(body, _decode_outline(body), call, max_events)
            except STRICT_PARSE_ERRORS:
                pass
            else:
                if envelope is not None:
                    require_few_values(body)
                    return envelope
        return self._split_leniently(parse_json_object(body, max_bytes=max_lenient_bytes), call, max_events)

    def divide(self, body: bytes, *, call: str, max_events: int) -> Iterator[tuple[int, bytes]]:
        """Yield a long batch as several. Raises what makes one that the strict parser must refuse."""
        outline = _decode_outline(body)
        if isinstance(outline.batch, msgspec.UnsetType) or _count_batch_names(body) > 1:
            raise UnparsableBody("The body is no batch, or may be two.")
        envelope = Envelope(events=(), sent_at=outline.sentAt, shared=_shared_context(outline), is_batch=True)
        for events in pieces_of(bytes(outline.batch), max_events):
            yield len(events), self.body_of(events, envelope=envelope, call=call)

    def _split_leniently(self, parsed_json: ParsedJson, call: str, max_events: int) -> Envelope:
        events = parsed_json.value.get("batch")
        key, sent_at = _text_or_empty(parsed_json.value.get("writeKey")), parsed_json.value.get("sentAt")
        if not _is_batch(parsed_json.value, call):
            return Envelope(events=[parsed_json], key=key, sent_at=sent_at)
        if any(parse_error.pointer == "/batch" for parse_error in parsed_json.parse_errors):
            raise UnparsableBody("The body has more than one list named batch.")
        if len(events) > max_events:
            raise TooManyEvents(max_events)
        require_small_shared(parsed_json.value.get("context"))
        return Envelope(
            events=[
                ParsedJson(event, parsed_json.parse_errors_below(f"/batch/{index}"))
                for index, event in enumerate(events)
            ],
            key=key,
            sent_at=sent_at,
            shared=parsed_json.value.get("context"),
            is_batch=True,
        )

    def normalise(self, parsed_json: ParsedJson, *, envelope: Envelope, call: str, received_at: datetime) -> Event:
        """Return the event; its own type counts before the call that its path names."""
        raw = parsed_json.value
        if not isinstance(raw, dict):
            return Event(call="", event=raw, received_at=received_at.isoformat(), parse_errors=parsed_json.parse_errors)
        event_call = _call_of(raw, call)
        context = _context(raw, envelope.shared, event_call)
        traits, is_from_context = _traits(raw, context)
        return Event(
            call=event_call,
            event=_event_name(raw, event_call),
            user_id=raw.get("userId"),
            anonymous_id=raw.get("anonymousId"),
            message_id=raw.get("messageId"),
            occurred_at=_first_given(raw.get("timestamp"), raw.get("originalTimestamp")),
            sent_at=_first_given(raw.get("sentAt"), envelope.sent_at),
            received_at=received_at.isoformat(),
            properties=raw.get("properties"),
            traits=traits,
            context=context,
            parse_errors=_relocate_parse_errors(parsed_json.parse_errors, is_from_context)
            if parsed_json.parse_errors
            else (),
        )

    def body_of(self, events: Sequence[bytes], *, envelope: Envelope, call: str) -> bytes:
        """Return the event itself where the body is one, else a batch of the events."""
        if not envelope.is_batch:
            return events[0]
        shared = {"sentAt": envelope.sent_at, "context": envelope.shared}
        shared_fields = {name: value for name, value in shared.items() if value is not None}
        return msgspec.json.encode({"batch": [msgspec.Raw(raw) for raw in events], **shared_fields})

    def definition_version(self, context: Any) -> str:
        """Return `protocols.event_version` of the context, where tracking plans of Segment name it."""
        protocols = context.get("protocols") if isinstance(context, dict) else None
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


def _strict_envelope(body: bytes, outline: _Outline, call: str, max_events: int) -> Envelope | None:
    """Return a body's envelope where there is no doubt what it is, else None. Raises OversizedBody past a bound."""
    key, sent_at = _text_or_empty(outline.writeKey), outline.sentAt
    is_event = _names_event(outline.type, outline.event)
    if not isinstance(outline.batch, msgspec.UnsetType) and (raw_batch := bytes(outline.batch)).startswith(b"["):
        if is_event:
            return None
        events = first_items(raw_batch, max_events + 1)
        if len(events) > max_events:
            raise TooManyEvents(max_events)
        return Envelope(events=events, key=key, sent_at=sent_at, shared=_shared_context(outline), is_batch=True)
    if call or _lower_or_empty(outline.type) in CALL_BY_TYPE:
        return Envelope(events=[msgspec.Raw(body)], key=key, sent_at=sent_at)
    return None


def _shared_context(outline: _Outline) -> Any:
    """Return the context of a batch, None without one. Raises OversizedBody where it is large."""
    shared = None if isinstance(outline.context, msgspec.UnsetType) else _decode_any(outline.context)
    require_small_shared(shared)
    return shared


def _is_batch(raw: dict[str, Any], call: str) -> bool:
    """Return whether a body is a batch, else it is one event. Raises UnparsableBody where it is neither or both.

    What looks like both may be an event that has something else called batch, where its path names the call.
    """
    batch = raw.get("batch")
    is_event = _names_event(raw.get("type"), raw.get("event"))
    if not isinstance(batch, list):
        if call or _lower_or_empty(raw.get("type")) in CALL_BY_TYPE:
            return False
        raise UnparsableBody("The body has no list of events named batch, and no type that says which event it is.")
    if not is_event:
        return True
    if call and not any(isinstance(item, dict) and _names_event(item.get("type"), item.get("event")) for item in batch):
        return False
    raise UnparsableBody("The body is an event and a list of events at once. Send them one by one, or as a batch.")


def _names_event(type_: Any, event: Any) -> bool:
    return _lower_or_empty(type_) in CALL_BY_TYPE or (isinstance(event, str) and bool(event.strip()))


def _call_of(raw: dict[str, Any], path_call: str) -> str:
    """Return the call of an event: that of its type, else its path's; "" where neither is known.

    What names an event and no page was a track call, whichever path it was sent to.
    """
    if call := CALL_BY_TYPE.get(_lower_or_empty(raw.get("type"))):
        return call
    is_track = not raw.get("type") and not raw.get("name") and _names_event(None, raw.get("event"))
    return "track" if path_call and is_track else CALL_BY_TYPE.get(path_call, "")


def _text_or_empty(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _first_given(value: Any, other: Any) -> Any:
    """Return a value; the other one where nothing came or an empty text did."""
    return value if other is None or (value is not None and value != "") else other


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
