"""Repeats: events whose id was seen for the same source and environment within a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from tracking.traffic.counts.bulk_copy import array_literal
from tracking.traffic.privacy.pseudonyms import id_text, keyed_hash

_UPSERT_KEYS = """
    INSERT INTO traffic_dedupkey (source_id, environment, id_hash, seen_at)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
    ON CONFLICT (source_id, environment, id_hash) DO UPDATE SET seen_at = excluded.seen_at
    WHERE traffic_dedupkey.seen_at <= excluded.seen_at - make_interval(secs => %s)
    RETURNING source_id, environment, id_hash
"""


@dataclass(frozen=True, slots=True, order=True)
class EventHash:
    """The hash of an event's id in its source and environment, in the order in which rows are written."""

    source_id: int
    environment: str
    id_hash: int


def message_id_hash(source_id: int, environment: str, message_id: Any) -> EventHash | None:
    """Return the key of an event that has an id, else None."""
    text = id_text(message_id)
    if not text:
        return None
    return EventHash(source_id, environment, keyed_hash("event", text.encode("utf-8", "backslashreplace")))


def content_hash_of_event(source_id: int, environment: str, content: bytes) -> EventHash:
    """Return the key by which events without an id are known to be alike."""
    return EventHash(source_id, environment, keyed_hash("content", content))


def first_seen(keys: Iterable[tuple[EventHash, datetime]]) -> set[EventHash]:
    """Note the keys with the time they were received, and return those that were not seen within the window.

    One statement, in one order everywhere: a worker that inserts the same ids waits for the other's commit.
    """
    earliest: dict[EventHash, datetime] = {}
    for key, received_at in keys:
        earliest[key] = min(received_at, earliest.get(key, received_at))
    if not earliest:
        return set()
    sorted_keys = sorted(earliest)
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT_KEYS,
            [
                array_literal(key.source_id for key in sorted_keys),
                array_literal(key.environment for key in sorted_keys),
                array_literal(key.id_hash for key in sorted_keys),
                array_literal(earliest[key] for key in sorted_keys),
                settings.DEDUP_WINDOW.total_seconds(),
            ],
        )
        return {EventHash(*row) for row in cursor.fetchall()}
