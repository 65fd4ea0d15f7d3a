"""Batches opened: the events in them, one by one, so that what is wrong with one touches no other."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from catalog.contract import Event, Fault, Reading
from tracking.traffic.check.error_location import place_of
from tracking.traffic.collect.wires import Envelope, reading_of, wire_named
from tracking.traffic.models import InboxBatch


@dataclass(slots=True)
class Opened:
    """One event of a batch. `failure` says where we ourselves failed; then `event` may be missing."""

    batch: InboxBatch
    arrived: msgspec.Raw | Reading
    event: Event | None = None
    definition_version: str = ""
    failure: str = ""
    faults: tuple[Fault, ...] = field(default=())

    @property
    def received_at(self) -> datetime:
        return self.batch.received_at

    @property
    def content(self) -> bytes:
        """The event as it came, by which two events without an id are alike."""
        if isinstance(self.arrived, Reading):
            return repr(self.arrived.value).encode("utf-8", "backslashreplace")
        return bytes(self.arrived)


def open_batch(batch: InboxBatch) -> list[Opened]:
    """Return the events of a batch, normalised. Raises Unreadable where no parser splits it, which collecting refused.

    An exception of ours for one event is its `failure` and stops nobody else's.
    """
    wire = wire_named(batch.wire)
    envelope = wire.envelope(bytes(batch.body), call=batch.call)
    opened = []
    for arrived in envelope.events:
        one = Opened(batch, arrived)
        opened.append(one)
        try:
            reading = _reading(one)
            one.faults = reading.faults
            one.event = wire.normalise(reading, envelope=envelope, call=batch.call, received_at=batch.received_at)
            one.definition_version = wire.definition_version(one.event)
        except Exception as error:
            one.failure = place_of(error)
    return opened


def open_values(values: Iterable[Reading], *, batch: InboxBatch) -> list[Opened]:
    """Return events that were handed over as values, normalised as the batch's wire would."""
    wire = wire_named(batch.wire)
    opened = []
    for reading in values:
        one = Opened(batch, reading, faults=reading.faults)
        one.event = wire.normalise(
            reading, envelope=Envelope(events=()), call=batch.call, received_at=batch.received_at
        )
        one.definition_version = wire.definition_version(one.event)
        opened.append(one)
    return opened


def alone(one: Opened) -> bytes:
    """Return a body of the same wire that holds this event alone."""
    envelope = wire_named(one.batch.wire).envelope(bytes(one.batch.body), call=one.batch.call)
    raw = json.dumps(one.arrived.value).encode() if isinstance(one.arrived, Reading) else bytes(one.arrived)
    return wire_named(one.batch.wire).body_of(raw, envelope=envelope, call=one.batch.call)


def _reading(one: Opened) -> Reading:
    reading = reading_of(one.arrived)
    kept = (one.batch.counted or {}).get("faults", ())
    if not kept:
        return reading
    return Reading(reading.value, tuple(sorted({*reading.faults, *(Fault(*fault) for fault in kept)})))
