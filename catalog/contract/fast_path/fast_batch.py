"""A body read by the fast path: which of its events conform, and which take the way of every other event.

    batch = read_batch(body, max_events=5_000)          # None: the whole body goes the other way
    names = {(each.call, each.name) for each in batch.outlines if each is not None}
    ...                                                 # look up what describes them, once for many bodies
    conforming = batch.accept(contract_of, received_at="2026-03-14T09:26:53+00:00")

`conforming` has one entry for each event, in their order: the normalised event as the ordinary way would return it,
which breaks nothing of its contract and has no parse error; or None, where nothing is known but `batch.raw_events`.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import orjson

from catalog.contract.fast_path.event_outline import EventOutline, read_outline, to_event
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.normalized_event import Event

ContractLookup = Callable[[EventOutline], FastContract | None]
"""Finds the contract of an event by its outline; None where there is none, or none that is fast."""

MAX_BODY_BYTES = 2_000_000
"""A longer body goes the other way, where its values are counted before anything is built."""

_SPELLED_ASCII = re.compile(rb"\\u00(?:3[aA]|[67])")
_NOT_FAST_JSON = (msgspec.MsgspecError, orjson.JSONEncodeError, UnicodeDecodeError, RecursionError)


class _Body(msgspec.Struct):
    """A batch as the SDKs of Segment and RudderStack send it. Other members say nothing of its events."""

    batch: list[msgspec.Raw]
    type: None = None
    event: None = None
    context: None = None
    writeKey: Any = None
    sentAt: Any = None


_decode_body = msgspec.json.Decoder(_Body).decode


class FastBatch(msgspec.Struct):
    """The events of a body. `outlines` has one entry for each of `raw_events`: None for those that are not fast."""

    raw_events: list[msgspec.Raw]
    outlines: list[EventOutline | None]
    sent_at: Any

    def accept(self, contract_of: ContractLookup, *, received_at: str | None = None) -> list[Event | None]:
        """Return each event that conforms, normalised, None for every other. To be called once."""
        conforming: list[Event | None] = []
        for outline in self.outlines:
            contract = contract_of(outline) if outline is not None else None
            if outline is None or contract is None:
                conforming.append(None)
            else:
                conforming.append(conforming_event(outline, contract, received_at=received_at))
        return conforming


def conforming_event(outline: EventOutline, contract: FastContract, *, received_at: str | None) -> Event | None:
    """Return the event of an outline, normalised, where it conforms to a contract; else None. To be called once.

    `received_at` is a text in ISO 8601.
    """
    if not _parse_properties(outline, contract):
        return None
    event = to_event(outline, received_at=received_at)
    return event if contract.accepts_other_parts(event) else None


def read_batch(body: bytes, *, max_events: int) -> FastBatch | None:
    """Return the events of a body that is a batch beyond doubt, with the outlines of those that may be fast.

    None for any other body, one with more than `max_events` among them. Never raises.
    """
    if len(body) > MAX_BODY_BYTES or body.count(b'"batch"') != 1 or _spells_ascii(body):
        return None
    try:
        found = _decode_body(body)
    except _NOT_FAST_JSON:
        return None
    if len(found.batch) > max_events:
        return None
    contexts: dict[bytes, Any] = {}
    outlines = [_outline_or_none(raw, contexts, found.sentAt) for raw in found.batch]
    return FastBatch(found.batch, outlines, found.sentAt)


def _spells_ascii(body: bytes) -> bool:
    """Tell whether a body may spell a colon, or the letters of `batch`, by an escape, which nobody does by mistake."""
    return b"\\u00" in body and _SPELLED_ASCII.search(body) is not None


def _outline_or_none(raw: msgspec.Raw, contexts: dict[bytes, Any], sent_at: Any) -> EventOutline | None:
    try:
        return read_outline(raw, contexts, sent_at)
    except _NOT_FAST_JSON:
        return None


def _parse_properties(outline: EventOutline, contract: FastContract) -> bool:
    """Parse the properties of an event in place, and tell whether they conform, with all keys of the event parsed.

    No key was unknown to the types, and none came twice: the text of the event has one colon for each member and those
    inside its texts. Encoded again it has as many unless a member was left out, since no text of the body spells a
    colon by an escape. The encoder also refuses what nests too deeply for the validator, and integers past 64 bits.
    """
    sent, raw = outline.sent, outline.raw
    try:
        sent["properties"] = contract.decode_properties(sent["properties"])
        return orjson.dumps(sent).count(b":") == bytes(raw).count(b":")
    except _NOT_FAST_JSON:
        return False
