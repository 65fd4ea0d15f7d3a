"""Batches opened: the events in them, one by one, so that what is wrong with one touches no other."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from catalog.contract import Event, ParsedJson, ParseError
from tracking.traffic.check.error_location import error_location
from tracking.traffic.collect.wires import Envelope, get_wire, parse_event_json
from tracking.traffic.models import InboxBatch


@dataclass(slots=True)
class ParsedEvent:
    """One event of a batch. `failure` says where we ourselves failed; then `event` may be missing."""

    batch: InboxBatch
    received: msgspec.Raw | ParsedJson
    event: Event | None = None
    definition_version: str = ""
    failure: str = ""
    parse_errors: tuple[ParseError, ...] = field(default=())

    @property
    def received_at(self) -> datetime:
        return self.batch.received_at

    @property
    def raw_content(self) -> bytes:
        """The event as it came, by which two events without an id are alike."""
        if isinstance(self.received, ParsedJson):
            return repr(self.received.value).encode("utf-8", "backslashreplace")
        return bytes(self.received)


def parse_batch(batch: InboxBatch) -> list[ParsedEvent]:
    """Return the events of a batch, normalised. Raises Unreadable where no parser splits it, which collecting refused.

    An exception of ours for one event is its `failure` and stops nobody else's.
    """
    wire = get_wire(batch.wire)
    envelope = wire.split(bytes(batch.body), call=batch.call)
    parsed_events = []
    for received in envelope.events:
        parsed = ParsedEvent(batch, received)
        parsed_events.append(parsed)
        try:
            parsed_json = _parse_json(parsed)
            parsed.parse_errors = parsed_json.parse_errors
            parsed.event = wire.normalise(
                parsed_json, envelope=envelope, call=batch.call, received_at=batch.received_at
            )
            parsed.definition_version = wire.definition_version(parsed.event)
        except Exception as error:
            parsed.failure = error_location(error)
    return parsed_events


def parse_values(values: Iterable[ParsedJson], *, batch: InboxBatch) -> list[ParsedEvent]:
    """Return events that were handed over as values, normalised as the batch's wire would."""
    wire = get_wire(batch.wire)
    parsed_events = []
    for parsed_json in values:
        parsed = ParsedEvent(batch, parsed_json, parse_errors=parsed_json.parse_errors)
        parsed.event = wire.normalise(
            parsed_json, envelope=Envelope(events=()), call=batch.call, received_at=batch.received_at
        )
        parsed.definition_version = wire.definition_version(parsed.event)
        parsed_events.append(parsed)
    return parsed_events


def extract_single(parsed: ParsedEvent) -> bytes:
    """Return a body of the same wire that holds this event alone."""
    envelope = get_wire(parsed.batch.wire).split(bytes(parsed.batch.body), call=parsed.batch.call)
    received = parsed.received
    raw = json.dumps(received.value).encode() if isinstance(received, ParsedJson) else bytes(received)
    return get_wire(parsed.batch.wire).single_event_body(raw, envelope=envelope, call=parsed.batch.call)


def _parse_json(parsed: ParsedEvent) -> ParsedJson:
    parsed_json = parse_event_json(parsed.received)
    stored_parse_errors = (parsed.batch.counted or {}).get("faults", ())
    if not stored_parse_errors:
        return parsed_json
    return ParsedJson(
        parsed_json.value,
        tuple(sorted({*parsed_json.parse_errors, *(ParseError(*parse_error) for parse_error in stored_parse_errors)})),
    )
