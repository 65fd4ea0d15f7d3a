"""What an event is known by: keyed hashes of its id and of what it says, computed for a whole set at once."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import xor
from typing import Any

import msgspec

from catalog.contract import Event
from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.sanitization import sanitize
from catalog.contract.usable_ids import id_text
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.models.dedup_key import to_seconds
from tracking.traffic.privacy.pseudonyms import keyed_hash, keyed_state

_NO_CONTENT = bytes(8)

_encode_sorted = msgspec.json.Encoder(order="sorted").encode


@dataclass(slots=True)
class HashedEvents:
    """Events of a set with what each is known by: one entry an event in every list, in the order in which they came.

    `keys` are the hashes of their ids in their source and environment, `contents` those of what they say. An event
    without an id is known by the hash of its text, and its content is 0: those that are alike are one key.
    """

    events: list[ParsedEvent] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    contents: list[int] = field(default_factory=list)
    short_contents: list[int] = field(default_factory=list)  # the lower half of each, as a row holds it
    seconds: list[int] = field(default_factory=list)  # when each was received
    without_id: set[int] = field(default_factory=set)  # their places


def hash_events(parsed_events: Iterable[ParsedEvent]) -> HashedEvents:
    """Return the events that are to be compared with others, and what each is known by.

    Those that could not be normalised are left out, and those that were compared when they were first counted.
    """
    hashed = HashedEvents()
    scopes: list[int] = []
    digests: list[bytes] = []
    content_digests: list[bytes] = []
    id_state, content_state, text_state = (keyed_state(each) for each in ("event", "event content", "content"))
    batch: Any = None
    is_left_out, scope, second = False, 0, 0
    for parsed in parsed_events:
        if parsed.batch is not batch:
            batch = parsed.batch
            is_left_out = batch.was_counted
            scope = scope_hash(batch.source_id, batch.environment)
            second = to_seconds(batch.received_at)
        event = parsed.event
        if is_left_out or event is None:
            continue
        if message_id := id_text(event.message_id):
            state = id_state.copy()
            state.update(message_id.encode("utf-8", "backslashreplace"))
            content = content_state.copy()
            content.update(event_content(event))
            content_digests.append(content.digest())
        else:
            state = text_state.copy()
            state.update(parsed.raw_content)
            content_digests.append(_NO_CONTENT)
            hashed.without_id.add(len(digests))
        digests.append(state.digest())
        scopes.append(scope)
        hashed.events.append(parsed)
        hashed.seconds.append(second)
    ids = struct.unpack(f">{len(digests)}q", b"".join(digests))
    hashed.keys = list(map(xor, ids, scopes))
    joined = b"".join(content_digests)
    hashed.contents = list(struct.unpack(f">{len(joined) // 8}q", joined))
    hashed.short_contents = list(struct.unpack(f">{len(joined) // 4}i", joined)[1::2])
    return hashed


def message_key(source_id: int, environment: str, message_id: str) -> int:
    """Return by which key an id is known in a source and environment."""
    return keyed_hash("event", message_id.encode("utf-8", "backslashreplace")) ^ scope_hash(source_id, environment)


def scope_hash(source_id: int, environment: str) -> int:
    """Return what makes an id of one source and environment another one than the same id elsewhere.

    It is added to the hash of the id without carry. Both are keyed, so nobody can choose ids whose keys meet.
    """
    return keyed_hash("event scope", f"{source_id} {environment}".encode())


def key_of_content(key: int, content: int) -> int:
    """Return the key of an event whose id is known with another content."""
    return key ^ content


def event_content(event: Event) -> bytes:
    """Return what an event says: whose it is, its call, name, properties and traits, alike where JSON values are equal.

    Context and times are left out, since a client writes them anew when it sends an event again. Whose it is is
    compared: devices that number their events from 1 on would else lose those of one another.
    """
    traits = None if _repeats_traits(event) else event.traits
    owner = [id_text(event.user_id), id_text(event.anonymous_id)]
    content: list[Any] = [event.call, event.event, event.properties, traits, owner]
    try:
        # Only a float that is whole, such as 1.0, is written in another way than the number that it equals.
        if _has_whole_float((event.event, event.properties, traits)):
            return canonical_json(content)
        return _encode_sorted(content)
    except Exception:  # what no encoder takes, such as lone surrogates
        return canonical_json(sanitize(content))


def _has_whole_float(values: Iterable[Any]) -> bool:
    """Tell whether a JSON value or any inside it is a float without a fraction."""
    for value in values:
        kind = type(value)
        if kind is str:  # most are
            continue
        if kind is float:
            if value.is_integer():
                return True
        elif kind is dict:
            if _has_whole_float(value.values()):
                return True
        elif kind is list and _has_whole_float(value):
            return True
    return False


def _repeats_traits(event: Event) -> bool:
    """Tell whether an event's traits are what is known of its user by now, which SDKs put into the context."""
    return (
        event.call not in ("identify", "group")
        and isinstance(event.context, dict)
        and event.context.get("traits") is event.traits
    )
