"""Bounds of a body that its length does not show: events, values, and what all of its events share.

They are asked for before anything is built: a value costs a byte or two of a body, and a hundred in memory.
"""

from functools import lru_cache
from typing import Any

import msgspec

MAX_VALUES = 2_000_000
"""How many values a body may hold. One of 16 MB, the longest that is read, holds about half of that where people use
it for events."""

MAX_DAMAGED_VALUES = 300_000
"""The same of a body that no strict parser reads: the lenient one takes many times as long."""

MAX_SHARED_BYTES = 32 * 1024
MAX_SHARED_KEYS = 100
"""How long the context may be that a batch names once for all of its events, and how many keys it may have: every
event that has a context of its own gets a copy."""


class OversizedBody(ValueError):
    """A body that holds more than is read. The text says of what, and what would do."""


class TakesLong(Exception):
    """A body that only the lenient parser reads, and longer than the caller lets that one read just now."""


class TooManyEvents(OversizedBody):
    """A batch of more events than are taken at once."""

    def __init__(self, max_events: int) -> None:
        super().__init__(f"The body holds more than {max_events:,} events. Send fewer events at a time.")


def require_few_values(body: bytes, limit: int = MAX_VALUES) -> None:
    """Raise OversizedBody where a body of JSON may hold too many values.

    Every value but the first of a container comes behind a comma, and every container begins with a bracket. Commas in
    texts count too: there are far fewer of them than the bound allows.
    """
    if len(body) > limit and body.count(b",") + body.count(b"{") + body.count(b"[") > limit:
        raise OversizedBody(f"The body holds more than {limit:,} values. Send fewer events at a time.")


def require_small_shared(context: Any) -> None:
    """Raise OversizedBody where the context that a batch names for all of its events is large. Takes any JSON value."""
    if not isinstance(context, dict):
        return
    if len(context) > MAX_SHARED_KEYS:
        raise OversizedBody(
            f"The context of the batch has more than {MAX_SHARED_KEYS:,} keys. Send it with each event that needs it."
        )
    if _json_length(context) > MAX_SHARED_BYTES:
        raise OversizedBody(
            f"The context of the batch is over {MAX_SHARED_BYTES:,} bytes. Send it with each event that needs it."
        )


def first_items(raw_list: bytes, count: int) -> list[msgspec.Raw]:
    """Return the first items of a JSON list, at most so many, as raw JSON: others are passed over, and build nothing.

    Raises msgspec's errors where it is no JSON.
    """
    if raw_list.count(b",") < count:
        return _decode_list(raw_list)
    items = msgspec.structs.astuple(_decoder_of_first(count).decode(raw_list))
    return list(items[: items.index(msgspec.UNSET)]) if items[-1] is msgspec.UNSET else list(items)


_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


@lru_cache(maxsize=8)
def _decoder_of_first(count: int) -> msgspec.json.Decoder[Any]:
    """Return a decoder of a list as a structure of so many fields. The parser skips what comes behind the last one."""
    fields = [(f"item_{place}", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for place in range(count)]
    return msgspec.json.Decoder(msgspec.defstruct("FirstItems", fields, array_like=True))


def _json_length(value: Any) -> int:
    try:
        return len(msgspec.json.encode(value))
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError, RecursionError, ValueError):
        return len(repr(value))  # integers past 64 bits, which the lenient parser reads
