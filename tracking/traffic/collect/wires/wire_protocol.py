"""What every wire answers: how its bodies split into events, and what each event says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from catalog.contract import Event, ParsedJson, UnparsableBody, parse_json
from tracking.traffic.collect.wires.body_limits import MAX_DAMAGED_VALUES, TakesLong, require_few_values

# What a strict parser raises on bodies that the second parser may still read.
STRICT_PARSE_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A body, split into its events.

    `events` are raw JSON where the strict parser could skip over them, and parsed JSON with its parse errors where
    only the lenient parser could split the body. `key` is the write key that the body carries, "" for none. `shared`
    is what the body says once for all of its events. `is_batch`: the body is a list of events, whatever its path says.
    """

    events: Sequence[msgspec.Raw | ParsedJson]
    key: str = ""
    sent_at: Any = None
    shared: Any = None
    is_batch: bool = False


class Wire(Protocol):
    """One format in which SDKs send events. It knows no Django and keeps nothing."""

    name: str
    paths: Mapping[str, str]
    """The paths of its SDKs, without the leading slash, and the call that each names ("" where the body says it)."""

    history_paths: frozenset[str]
    """Those of its paths that take history: events that happened when they say, and are neither new nor proof."""

    def split(self, body: bytes, *, call: str, max_events: int, max_lenient_bytes: int | None = None) -> Envelope:
        """Split an inflated body by its own shape, whatever the path says.

        Raises `catalog.contract.UnparsableBody` where it is none of this wire's, TooManyEvents for a batch of more
        than `max_events`, OversizedBody past another bound of `body_limits`, and TakesLong where only the lenient
        parser would read it and it has more than `max_lenient_bytes`. Memory is bounded either way.
        """

    def divide(self, body: bytes, *, call: str, max_events: int) -> Iterator[tuple[int, bytes]]:
        """Yield bodies of at most so many events each that together say what a batch says, with how many each holds.

        However long the batch is, its events are not in memory together. Raises UnparsableBody, OversizedBody or an
        error of a strict parser where it cannot be divided.
        """

    def normalise(self, parsed_json: ParsedJson, *, envelope: Envelope, call: str, received_at: datetime) -> Event:
        """Return one event in the shape that contracts read. Takes any JSON value and never raises for one.

        Its call is "" and its name what came instead where the event says no call that is known.
        """

    def body_of(self, events: Sequence[bytes], *, envelope: Envelope, call: str) -> bytes:
        """Return a body that holds these events of an envelope, as JSON, and says the same of them.

        Of an envelope that is no batch there is one event.
        """

    def definition_version(self, context: Any) -> str:
        """Return the definition version that an event itself names in its context, any JSON value; else ""."""

    def success_response(self) -> dict[str, Any]:
        """Return the response that the SDK expects for a body that was stored."""


def parse_event_json(received: msgspec.Raw | ParsedJson) -> ParsedJson:
    """Return an event of an envelope as JSON, by the lenient parser where the strict one fails.

    Raises UnparsableBody where neither reads it, which an envelope's own parser has ruled out for most.
    """
    return received if isinstance(received, ParsedJson) else parse_json(bytes(received))


def parse_json_object(body: bytes, *, max_bytes: int | None = None) -> ParsedJson:
    """Return a body that must be a JSON object.

    Raises UnparsableBody where it is not, OversizedBody past a bound, and TakesLong past `max_bytes`.
    """
    if max_bytes is not None and len(body) > max_bytes:
        raise TakesLong
    require_few_values(body, MAX_DAMAGED_VALUES)
    parsed_json = parse_json(body)
    if not isinstance(parsed_json.value, dict):
        raise UnparsableBody("The body is not a JSON object.")
    return parsed_json
