"""Events as deduplication sees them: some ids, some contents, of some sources, received at times of a test's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from catalog.contract import Event, ParsedJson
from catalog.contract.event_time import EventTime
from tracking.traffic.check.dedup import mark_repeats
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.models import InboxBatch


class Sent(NamedTuple):
    """An event that was sent. One without an id is known by its content alone."""

    message_id: str | None
    content: int = 0
    source_id: int = 1
    environment: str = "production"


class Marks(NamedTuple):
    """What deduplication says of an event."""

    is_repeat: bool = False
    is_id_reused: bool = False
    is_possible_repeat: bool = False


FRESH, REPEAT, REUSED, POSSIBLE_REPEAT = Marks(), Marks(True), Marks(False, True), Marks(False, False, True)


def parse(sent: Sent, *, at: datetime) -> ParsedEvent:
    """Return the event as the check parses it."""
    batch = InboxBatch(source_id=sent.source_id, environment=sent.environment, received_at=at, body=b"")
    event = Event(call="track", event="Sent", message_id=sent.message_id, properties={"number": sent.content})
    return ParsedEvent(batch=batch, received=ParsedJson({"number": sent.content}), time=EventTime(at), event=event)


def mark(events: Iterable[Sent], *, at: datetime) -> list[Marks]:
    """Compare a set of events that were received at a time, and return what is said of each."""
    parsed = [parse(sent, at=at) for sent in events]
    mark_repeats(parsed)
    return [Marks(each.is_repeat, each.is_id_reused, each.is_possible_repeat) for each in parsed]
