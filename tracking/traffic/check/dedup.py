"""Repeats: events whose id was seen with the same content, for the same source and environment, within a day."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection

from catalog.contract import Event
from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.sanitization import sanitize
from catalog.contract.usable_ids import id_text
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.counts.bulk_copy import array_literal
from tracking.traffic.privacy.pseudonyms import keyed_hash

# Two workers that insert the same key wait for each other's commit. What each calls a reused id rests on what was
# committed when it began: of two different events that are checked at the same moment, neither may be told.
_UPSERT_KEYS = """
    WITH incoming AS MATERIALIZED (
        SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[])
            AS incoming (source_id, environment, id_hash, content_hash, seen_at)
    ),
    known AS (
        SELECT DISTINCT stored.source_id, stored.environment, stored.id_hash, stored.content_hash
        FROM incoming JOIN traffic_dedupkey AS stored USING (source_id, environment, id_hash)
        WHERE stored.seen_at > incoming.seen_at - make_interval(secs => %s)
    ),
    added AS (
        INSERT INTO traffic_dedupkey (source_id, environment, id_hash, content_hash, seen_at)
        SELECT * FROM incoming
        ON CONFLICT (source_id, environment, id_hash, content_hash) DO UPDATE SET seen_at = excluded.seen_at
        WHERE traffic_dedupkey.seen_at <= excluded.seen_at - make_interval(secs => %s)
        RETURNING source_id, environment, id_hash, content_hash
    )
    SELECT true, added.* FROM added UNION ALL SELECT false, known.* FROM known
"""
_WHOLE_FLOAT = re.compile(rb"(?:\.0|[eE]\+?\d+)[,\]}]")


class MessageKey(NamedTuple):
    """The hash of an event's id in its source and environment."""

    source_id: int
    environment: str
    id_hash: int


@dataclass(frozen=True, slots=True, order=True)
class EventHash:
    """The hashes of an event's id and content in its source and environment, in the order in which rows are written.

    Where an event has no id, its content is its id and the hash of the content is 0.
    """

    source_id: int
    environment: str
    id_hash: int
    content_hash: int = 0

    @property
    def message_key(self) -> MessageKey:
        return MessageKey(self.source_id, self.environment, self.id_hash)


def message_id_hash(source_id: int, environment: str, event: Event) -> EventHash | None:
    """Return the key of an event that has an id, else None."""
    text = id_text(event.message_id)
    if not text:
        return None
    id_hash = keyed_hash("event", text.encode("utf-8", "backslashreplace"))
    return EventHash(source_id, environment, id_hash, keyed_hash("event content", event_content(event)))


def content_hash_of_event(source_id: int, environment: str, content: bytes) -> EventHash:
    """Return the key by which events without an id are known to be alike."""
    return EventHash(source_id, environment, keyed_hash("content", content))


def event_content(event: Event) -> bytes:
    """Return what an event says: whose it is, its call, name, properties and traits, alike where JSON values are equal.

    Context and times are left out, since a client writes them anew when it sends an event again. Whose it is is
    compared: devices that number their events from 1 on would else lose those of one another.
    """
    traits = None if _repeats_traits(event) else event.traits
    owner = [id_text(event.user_id), id_text(event.anonymous_id)]
    content: list[Any] = [event.call, event.event, event.properties, traits, owner]
    try:
        encoded = msgspec.json.encode(content, order="sorted")
        return canonical_json(content) if _WHOLE_FLOAT.search(encoded) else encoded
    except Exception:  # what no encoder takes, such as lone surrogates
        return canonical_json(sanitize(content))


def _repeats_traits(event: Event) -> bool:
    """Tell whether an event's traits are what is known of its user by now, which SDKs put into the context."""
    return (
        event.call not in ("identify", "group")
        and isinstance(event.context, dict)
        and event.context.get("traits") is event.traits
    )


def mark_repeats(parsed_events: Sequence[ParsedEvent]) -> None:
    """Mark the repeats among events that arrived, and the events whose id was seen on another one.

    A repeat has an id that was seen with the same content within the window; all but the first count as such. An id
    that was seen with another content is no repeat, but reused. Likeness without an id is only noted. What is sent
    again from quarantine was compared when it was counted.
    """
    events_by_key = []
    for parsed in parsed_events:
        batch = parsed.batch
        parsed.is_possible_repeat = parsed.was_possible_repeat
        if batch.was_counted or parsed.event is None:
            continue
        key = message_id_hash(batch.source_id, batch.environment, parsed.event)
        has_id = key is not None
        key = key or content_hash_of_event(batch.source_id, batch.environment, parsed.raw_content)
        events_by_key.append((key, has_id, parsed))
    new_keys, contents_by_message = _note((key, parsed.received_at) for key, _, parsed in events_by_key)
    for key, has_id, parsed in events_by_key:
        contents = contents_by_message[key.message_key]
        if key in new_keys and None not in contents:
            new_keys.remove(key)
            parsed.is_id_reused = bool(contents)
            contents.add(key.content_hash)
        elif has_id:
            parsed.is_repeat = True
        else:
            parsed.is_possible_repeat = True


def mark_reused_ids(parsed_events: Iterable[ParsedEvent]) -> None:
    """Mark the events whose id came on another one of these, without noting any."""
    contents_by_message: defaultdict[MessageKey, set[int]] = defaultdict(set)
    for parsed in parsed_events:
        if parsed.event is not None and (key := message_id_hash(0, "", parsed.event)) is not None:
            contents = contents_by_message[key.message_key]
            parsed.is_id_reused = bool(contents - {key.content_hash})
            contents.add(key.content_hash)


def _note(
    keys: Iterable[tuple[EventHash, datetime]],
) -> tuple[set[EventHash], defaultdict[MessageKey, set[int | None]]]:
    """Note the keys with the time they were received.

    Returns those that were not seen within the window, and by id the hashes of the contents that were: None among them
    where an id was noted before contents were, so that every event with it is a repeat.

    One statement, in one order everywhere: a worker that inserts the same ids waits for the other's commit.
    """
    earliest: dict[EventHash, datetime] = {}
    for key, received_at in keys:
        earliest[key] = min(received_at, earliest.get(key, received_at))
    new_keys: set[EventHash] = set()
    contents_by_message: defaultdict[MessageKey, set[int | None]] = defaultdict(set)
    if not earliest:
        return new_keys, contents_by_message
    sorted_keys = sorted(earliest)
    window = settings.DEDUP_WINDOW.total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT_KEYS,
            [
                array_literal(key.source_id for key in sorted_keys),
                array_literal(key.environment for key in sorted_keys),
                array_literal(key.id_hash for key in sorted_keys),
                array_literal(key.content_hash for key in sorted_keys),
                array_literal(earliest[key] for key in sorted_keys),
                window,
                window,
            ],
        )
        for is_new, source_id, environment, id_hash, content_hash in cursor.fetchall():
            if is_new:
                new_keys.add(EventHash(source_id, environment, id_hash, content_hash))
            else:
                contents_by_message[MessageKey(source_id, environment, id_hash)].add(content_hash)
    return new_keys, contents_by_message
