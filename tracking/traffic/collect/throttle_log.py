"""Notes which write keys are held back, for people to see: counted in this process, written every second."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from catalog.models import WriteKey
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.models import ThrottledKey

QUIET_AFTER = timedelta(minutes=10)
"""Where nothing was refused for so long, the next refusal begins anew."""

_ADD = """
INSERT INTO traffic_throttledkey AS known (write_key_id, bound, since, last_at, requests, size)
SELECT noted.* FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[])
  AS noted (write_key_id, bound, since, last_at, requests, size)
JOIN catalog_writekey AS existing ON existing.id = noted.write_key_id
ON CONFLICT (write_key_id, bound) DO UPDATE SET
  since = CASE WHEN known.last_at < EXCLUDED.since - %s THEN EXCLUDED.since ELSE least(known.since, EXCLUDED.since) END,
  requests = EXCLUDED.requests + CASE WHEN known.last_at < EXCLUDED.since - %s THEN 0 ELSE known.requests END,
  size = EXCLUDED.size + CASE WHEN known.last_at < EXCLUDED.since - %s THEN 0 ELSE known.size END,
  last_at = greatest(known.last_at, EXCLUDED.last_at)
"""


@dataclass(slots=True)
class Refusals:
    """What was refused of one key by one bound and is not written yet."""

    since: datetime
    last_at: datetime
    requests: int = 0
    size: int = 0

    def add(self, other: "Refusals") -> None:
        self.since, self.last_at = min(self.since, other.since), max(self.last_at, other.last_at)
        self.requests += other.requests
        self.size += other.size


@dataclass(slots=True)
class ThrottleLog:
    """The refusals of this process that are not written yet, by key and bound. Only keys of ours are in it."""

    refusals: dict[tuple[int, ThrottleBound], Refusals] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: WriteKey, bound: ThrottleBound, *, size: int, at: datetime | None = None) -> None:
        """Count one refused request, whose body had so many bytes as it came. Never waits for the database."""
        moment = at or timezone.now()
        self._add([((key.pk, bound), Refusals(moment, moment, 1, size))])

    def flush(self) -> None:
        """Write what was counted. Raises a DatabaseError where that fails; then it is written the next time."""
        with self.lock:
            written, self.refusals = self.refusals, {}
        if not written:
            return
        rows = sorted(written.items(), key=lambda item: item[0])
        parameters: list[Any] = [
            [key_id for (key_id, _), _ in rows],
            [bound.value for (_, bound), _ in rows],
            [refusals.since for _, refusals in rows],
            [refusals.last_at for _, refusals in rows],
            [refusals.requests for _, refusals in rows],
            [refusals.size for _, refusals in rows],
            *(QUIET_AFTER, QUIET_AFTER, QUIET_AFTER),
        ]
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, parameters)
        except (DatabaseError, InterfaceError):
            self._add(rows)
            raise

    def _add(self, rows: Iterable[tuple[tuple[int, ThrottleBound], Refusals]]) -> None:
        with self.lock:
            for identity, refusals in rows:
                if known := self.refusals.get(identity):
                    known.add(refusals)
                else:
                    self.refusals[identity] = refusals


def delete_old_throttles(before: datetime) -> None:
    """Delete the rows of keys that were refused nothing since a time."""
    ThrottledKey.objects.filter(last_at__lt=before).delete()


throttle_log = ThrottleLog()
