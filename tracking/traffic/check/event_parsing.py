"""Parsing of batches: the events in them, one by one, so that what is wrong with one affects no other."""

import json
from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.conf import settings

from catalog.contract import Event, ParsedJson, ParseError
from catalog.contract.event_time import EventTime, read_event_time
from catalog.contract.fast_path.event_outline import EventOutline
from tracking.traffic.check.error_location import error_location
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.collect.wires import Envelope, get_wire, parse_event_json
from tracking.traffic.models import InboxBatch, QuarantinedBatch

EMPTY_EVENT = Event(call="")


class ParsedEvent(msgspec.Struct, kw_only=True):
    """One event of a batch. `failure` says where we ourselves failed; then `event` may be missing.

    `outline` is there as long as it is open which way the event takes, `conforming` once the fast path has proved that
    it conforms to its contract.
    """

    batch: InboxBatch | QuarantinedBatch
    received: msgspec.Raw | ParsedJson
    time: EventTime
    event: Event | None = None
    definition_version: str = ""
    app_version: str | None = None  # None until it was looked up
    failure: str = ""
    parse_errors: tuple[ParseError, ...] = ()
    was_possible_repeat: bool = False  # when it was first counted, where it comes from quarantine
    is_repeat: bool = False
    is_possible_repeat: bool = False
    is_id_reused: bool = False  # its id was seen on another event
    respelled_ids: tuple[str, ...] = ()  # fields whose id came before in another case or with other blanks
    outline: EventOutline | None = None
    conforming: ValidatedEvent | None = None

    @property
    def received_at(self) -> datetime:
        return self.batch.received_at

    @property
    def event_or_empty(self) -> Event:
        """The event, or one that holds nothing where it could not be normalised."""
        return self.event or EMPTY_EVENT

    def is_longer_than(self, size: int) -> bool:
        """Tell whether the event has more bytes of JSON. Asked of each, so that most are told by the body's length."""
        if 0 < self.batch.size <= size:  # a body that was never sent has none
            return False
        return len(self.raw_content) > size

    @property
    def byte_count(self) -> int:
        """How many bytes of JSON the event came as; 0 for one that was handed over as a value."""
        return 0 if isinstance(self.received, ParsedJson) else len(memoryview(self.received))

    @property
    def json_bytes(self) -> bytes:
        """The event as JSON, of which a body can be made again."""
        return (
            json.dumps(self.received.value).encode() if isinstance(self.received, ParsedJson) else bytes(self.received)
        )

    @property
    def raw_content(self) -> bytes:
        """The event as it came, by which two events without an id are alike."""
        if isinstance(self.received, ParsedJson):
            return repr(self.received.value).encode("utf-8", "backslashreplace")
        return bytes(self.received)


class ParsedBody(msgspec.Struct):
    """A batch and its events, in their order."""

    batch: InboxBatch | QuarantinedBatch
    envelope: Envelope
    events: list[ParsedEvent]


def parse_batch(
    batch: InboxBatch | QuarantinedBatch, *, is_dry_run: bool = False, max_events: int | None = None
) -> list[ParsedEvent]:
    """Return the events of a batch, normalised; in a dry run they were never sent, so that none is too old.

    `max_events` is how many it may hold; None for as many as the collector takes.

    Raises UnparsableBody where the body cannot be split, and OversizedBody where it holds more than is read. Whatever
    goes wrong for one event is its `failure` and stops nobody else's.
    """
    return parse_body(batch, is_dry_run=is_dry_run, max_events=max_events).events


def parse_body(
    batch: InboxBatch | QuarantinedBatch, *, is_dry_run: bool = False, max_events: int | None = None
) -> ParsedBody:
    """Return what `parse_batch` does, and raise the same, with what the body says once for all of its events."""
    wire = get_wire(batch.wire)
    envelope = wire.split(bytes(batch.body), call=batch.call, max_events=max_events or settings.COLLECT_MAX_EVENTS)
    possible_repeats = frozenset((batch.counted or {}).get("possible_repeats", ()))
    reused_ids = frozenset((batch.counted or {}).get("reused_ids", ()))
    unknown_time = EventTime(batch.received_at)
    parsed_events = []
    for place, received in enumerate(envelope.events):
        parsed = ParsedEvent(
            batch=batch,
            received=received,
            time=unknown_time,
            was_possible_repeat=place in possible_repeats,
            is_id_reused=place in reused_ids,
        )
        parsed_events.append(parsed)
        parse_event(parsed, place, envelope, is_dry_run=is_dry_run)
    return ParsedBody(batch, envelope, parsed_events)


def parse_event(parsed: ParsedEvent, place: int, envelope: Envelope, *, is_dry_run: bool = False) -> None:
    """Parse and normalise one event of a body, the ordinary way. Never raises: what goes wrong is its `failure`."""
    batch = parsed.batch
    wire = get_wire(batch.wire)
    try:
        parsed_json = _parse_json(parsed, place)
        parsed.parse_errors = parsed_json.parse_errors
        event = parsed.event = wire.normalise(
            parsed_json, envelope=envelope, call=batch.call, received_at=batch.received_at
        )
        parsed.definition_version = wire.definition_version(event.context)
        parsed.time = read_event_time(
            event.occurred_at,
            event.sent_at,
            batch.received_at,
            is_history=batch.is_history,
            is_dry_run=is_dry_run,
        )
    except Exception as error:
        parsed.failure = error_location(error)


def parse_values(
    values: Iterable[ParsedJson], *, batch: InboxBatch | QuarantinedBatch, envelope: Envelope | None = None
) -> list[ParsedEvent]:
    """Return events that were handed over as values, normalised as the batch's wire would.

    `envelope` holds what is said once for all of them.
    """
    wire = get_wire(batch.wire)
    parsed_events = []
    for parsed_json in values:
        event = wire.normalise(
            parsed_json, envelope=envelope or Envelope(events=()), call=batch.call, received_at=batch.received_at
        )
        parsed_events.append(
            ParsedEvent(
                batch=batch,
                received=parsed_json,
                time=read_event_time(event.occurred_at, event.sent_at, batch.received_at, is_dry_run=True),
                event=event,
                definition_version=wire.definition_version(event.context),
                parse_errors=parsed_json.parse_errors,
            )
        )
    return parsed_events


def _parse_json(parsed: ParsedEvent, place: int) -> ParsedJson:
    """Return an event as JSON, with the parse errors that were found before it went through quarantine."""
    parsed_json = parse_event_json(parsed.received)
    counted = parsed.batch.counted or {}
    # "faults" of rows that were quarantined before 2026-12, of one event each.
    stored = counted.get("parse_errors", {}).get(str(place)) or counted.get("faults")
    if not stored:
        return parsed_json
    parse_errors = {*parsed_json.parse_errors, *(ParseError(*parse_error) for parse_error in stored)}
    return ParsedJson(parsed_json.value, tuple(sorted(parse_errors)))
