"""Repeats: events whose id was seen for the same source and environment within a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from tracking.traffic.counts.bulk_copy import array_text
from tracking.traffic.privacy.pseudonyms import id_text, keyed_hash

_NOTE = """
    INSERT INTO traffic_seenid (source_id, environment, id_hash, seen_at)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[])
    ON CONFLICT (source_id, environment, id_hash) DO UPDATE SET seen_at = excluded.seen_at
    WHERE traffic_seenid.seen_at <= excluded.seen_at - make_interval(secs => %s)
    RETURNING source_id, environment, id_hash
"""


@dataclass(frozen=True, slots=True, order=True)
class SeenKey:
    """The hash of an event's id in its source and environment, in the order in which rows are written."""

    source_id: int
    environment: str
    id_hash: int


def key_of(source_id: int, environment: str, message_id: Any) -> SeenKey | None:
    """Return the key of an event that has an id, else None."""
    text = id_text(message_id)
    if not text:
        return None
    return SeenKey(source_id, environment, keyed_hash("event", text.encode("utf-8", "backslashreplace")))


def key_of_content(source_id: int, environment: str, content: bytes) -> SeenKey:
    """Return the key by which events without an id are known to be alike."""
    return SeenKey(source_id, environment, keyed_hash("content", content))


def fresh(keys: Iterable[tuple[SeenKey, datetime]]) -> set[SeenKey]:
    """Note the keys with the time they were received, and return those that were not seen within the window.

    One statement, in one order everywhere: a worker that brings the same ids waits for the other's commit.
    """
    first: dict[SeenKey, datetime] = {}
    for key, at in keys:
        first[key] = min(at, first.get(key, at))
    if not first:
        return set()
    ordered = sorted(first)
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            [
                array_text(key.source_id for key in ordered),
                array_text(key.environment for key in ordered),
                array_text(key.id_hash for key in ordered),
                array_text(first[key] for key in ordered),
                settings.REPEAT_WINDOW.total_seconds(),
            ],
        )
        return {SeenKey(*row) for row in cursor.fetchall()}
