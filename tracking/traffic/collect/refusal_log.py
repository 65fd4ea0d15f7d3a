"""Notes what the collector refuses, bounded: counted in this process, written to the database every few seconds."""

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from catalog.services.write_keys import find_key_source_id
from database.wait_limits import limit_database_waits
from tracking.traffic.choices import RefusalReason
from tracking.traffic.models import RefusedRequest

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 5.0
FLUSH_DATABASE_SECONDS = 2.0
MAX_KINDS_PER_MINUTE = 40
"""Of so many kinds of refusals a minute each process says which key came; of the rest it counts status and reason."""

KEY_PREFIX_LENGTH = 7
OTHER_KEYS = "(other)"
NOT_OF_KEYS = re.compile(r"[^A-Za-z0-9_-]")

_ADD = """
INSERT INTO traffic_refusedrequest (minute, status, reason, key_prefix, source_id, count)
SELECT minute, status, reason, key_prefix, source.id, sum(noted.count)
FROM unnest(%s::timestamptz[], %s::int[], %s::text[], %s::text[], %s::bigint[], %s::int[])
  AS noted (minute, status, reason, key_prefix, source_id, count)
LEFT JOIN catalog_source AS source ON source.id = noted.source_id
GROUP BY minute, status, reason, key_prefix, source.id
ORDER BY minute, status, reason, key_prefix, source.id
ON CONFLICT (minute, status, reason, key_prefix, source_id)
DO UPDATE SET count = traffic_refusedrequest.count + EXCLUDED.count
"""
"""A source that was deleted since is none, or nothing would be written any more."""


@dataclass(frozen=True, slots=True, order=True)
class RefusalKind:
    """What refusals are counted by."""

    minute: datetime
    status: int
    reason: str
    key_prefix: str
    source_id: int | None


@dataclass(slots=True)
class RefusalLog:
    """The refusals of this process that are not written yet. Made for many threads."""

    counts: Counter[RefusalKind] = field(default_factory=Counter)
    kinds_of_minute: set[RefusalKind] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def note(self, status: int, reason: RefusalReason, *, key: str = "", source_id: int | None = None) -> None:
        """Count one refusal. Never waits: a key's source is known where the key was looked up lately."""
        if source_id is None and key:
            source_id = find_key_source_id(key)
        minute = timezone.now().replace(second=0, microsecond=0)
        kind = RefusalKind(minute, status, reason.value, key_prefix(key), source_id)
        with self.lock:
            if any(known.minute != minute for known in self.kinds_of_minute):
                self.kinds_of_minute.clear()
            if kind not in self.kinds_of_minute and len(self.kinds_of_minute) >= MAX_KINDS_PER_MINUTE:
                kind = RefusalKind(minute, status, reason.value, OTHER_KEYS, None)
            else:
                self.kinds_of_minute.add(kind)
            self.counts[kind] += 1

    def flush(self) -> None:
        """Write what was counted. Raises a DatabaseError where that fails; then it is written the next time."""
        with self.lock:
            counts, self.counts = self.counts, Counter()
        if not counts:
            return
        kinds = sorted(
            counts, key=lambda kind: (kind.minute, kind.status, kind.reason, kind.key_prefix, str(kind.source_id))
        )
        columns: list[Any] = [
            [kind.minute for kind in kinds],
            [kind.status for kind in kinds],
            [kind.reason for kind in kinds],
            [kind.key_prefix for kind in kinds],
            [kind.source_id for kind in kinds],
            [counts[kind] for kind in kinds],
        ]
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, columns)
        except (DatabaseError, InterfaceError):
            with self.lock:
                self.counts += counts
            raise

    def start(self) -> None:
        """Write every few seconds from now on, from a thread of its own."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="refusal-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write once more and end, waiting no longer than a moment."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopped.wait(FLUSH_SECONDS)
            try:
                with limit_database_waits(0.8 if is_last else FLUSH_DATABASE_SECONDS):
                    self.flush()
            except (DatabaseError, InterfaceError) as error:
                self._forget_old()
                log.warning("refusals cannot be written; they are kept for a while", error=type(error).__name__)
                connection.close()
        connection.close()

    def _forget_old(self) -> None:
        """Keep no more than the newest kinds while the database does not take them."""
        with self.lock:
            for kind in sorted(self.counts, key=lambda kind: kind.minute)[: -10 * MAX_KINDS_PER_MINUTE]:
                del self.counts[kind]


def key_prefix(key: str) -> str:
    """Return how a key begins: seven characters at most, and never more than half of what came."""
    return NOT_OF_KEYS.sub("?", key[: min(KEY_PREFIX_LENGTH, len(key) // 2)])


def delete_old_refusals(before: datetime) -> None:
    """Delete the refusals of minutes before a time."""
    RefusedRequest.objects.filter(minute__lt=before).delete()


refusal_log = RefusalLog()
