"""The keys of the last day as they are stored: found by index in both tables, added by COPY to one of them."""

import struct
from collections.abc import Collection, Mapping
from typing import LiteralString

from django.db import IntegrityError, connection, transaction

from tracking.traffic.check.dedup.decision import Decision, KnownKey, contested_keys, decide
from tracking.traffic.check.dedup.event_hashes import HashedEvents
from tracking.traffic.counts.bulk_copy import array_literal, copy_binary
from tracking.traffic.models import DedupKey

# Looked up one by one, whatever the planner thinks of a table whose rows nobody has counted.
_FIND: dict[bool, LiteralString] = {
    is_current: f"""
        SELECT stored.key, stored.content, stored.seen_at
        FROM unnest(%s::bigint[]) AS asked (key)
        CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {table}.key = asked.key OFFSET 0) AS stored
    """  # noqa: S608  one of two names
    for is_current, table in ((False, "traffic_earlierdedupkey"), (True, "traffic_dedupkey"))
}
_LOCK = "SELECT FROM traffic_dedupkey WHERE key = ANY (%s::bigint[]) ORDER BY key FOR UPDATE"
_RENEW = """
    UPDATE traffic_dedupkey AS stored SET content = renewed.content, seen_at = renewed.seen_at
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS renewed (key, content, seen_at)
    WHERE stored.key = renewed.key AND stored.seen_at <= renewed.seen_at - %s
"""
_ROW = struct.Struct(">hiqiiii")  # how many columns, then the length and value of each
_ROW_WITHOUT_CONTENT = struct.Struct(">hiqiii")


class _ExpectedKeys:
    """Whether the next set is likely to hold keys that are stored: as the last one did.

    Where none is, rows are added at once, and the database says where that was wrong.
    """

    likely = False


def note_events(hashed: HashedEvents, window: int) -> Decision:
    """Decide which of the events came before, and store what was not known. The window is in seconds.

    To be called in a transaction that shares the maintenance lock, so that no table changes places meanwhile. Rows are
    written in one order everywhere: whoever adds the same key waits for the other's commit, then looks again. Each
    time somebody else has stored an event of these, so that it ends.
    """
    if not hashed.keys:
        return Decision()
    is_looked_up = _ExpectedKeys.likely
    while True:
        known = find_keys(hashed.keys, in_current=is_looked_up)
        if contested := contested_keys(hashed, known, window) - known.keys():
            known |= find_keys(contested, in_current=True)
        decision = decide(hashed, known, window)
        try:
            with transaction.atomic():
                # In this order: whoever adds may wait for a key that somebody renews, but not the other way round.
                _add(decision.added)
                _renew(decision.renewed, window)
        except IntegrityError:
            is_looked_up = True
        else:
            _ExpectedKeys.likely = is_looked_up and any(row.is_current for row in known.values())
            return decision


def find_keys(keys: Collection[int], *, in_current: bool) -> dict[int, KnownKey]:
    """Return which of the keys are stored: in the earlier table, and in the current one too where that is asked for.

    A key that both hold is that of the current one.
    """
    found: dict[int, KnownKey] = {}
    asked = array_literal(sorted(keys))
    with connection.cursor() as cursor:
        for is_current in (False, True) if in_current else (False,):
            cursor.execute(_FIND[is_current], [asked])
            found |= {key: KnownKey(content, seen_at, is_current) for key, content, seen_at in cursor.fetchall()}
    return found


def _add(rows: Mapping[int, KnownKey]) -> None:
    """Add rows. Raises IntegrityError where one of the keys is there."""
    if rows:
        copy_binary(DedupKey, ("key", "content", "seen_at"), map(_packed, sorted(rows.items())))


def _packed(item: tuple[int, KnownKey]) -> bytes:
    key, (content, seconds, _) = item
    if content is None:
        return _ROW_WITHOUT_CONTENT.pack(3, 8, key, -1, 4, seconds)
    return _ROW.pack(3, 8, key, 4, content, 4, seconds)


def _renew(rows: Mapping[int, KnownKey], window: int) -> None:
    """Replace rows that are past the window. Raises IntegrityError where somebody else has replaced one meanwhile."""
    if not rows:
        return
    ordered = sorted(rows)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [array_literal(ordered)])
        contents, seconds = [rows[key].content for key in ordered], [rows[key].seconds for key in ordered]
        cursor.execute(_RENEW, [array_literal(ordered), contents, seconds, window])
        if cursor.rowcount != len(ordered):
            raise IntegrityError("a key was renewed meanwhile")
