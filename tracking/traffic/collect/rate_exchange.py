"""Lets all collector processes share one rate: every second each tells what it took and reads what the others took.

A request waits for none of this. Between two exchanges processes know nothing of each other, so together they may
take a second's worth too much; it is paid for afterwards, so that over time the rate is kept, however many they are.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connection

from database.wait_limits import limit_database_waits
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.collect.rate_limits import BucketId, RateLimiter, rate_limiter
from tracking.traffic.collect.throttle_log import ThrottleLog, throttle_log

log = structlog.get_logger(__name__)

EXCHANGE_SECONDS = 1.0
DATABASE_SECONDS = 0.8
LEAST_SHARED_SECONDS = 0.1
"""Less than a tenth of a second's worth is not reported yet, so that whoever sends little costs no writes."""

_SLOT = "to_timestamp(floor(extract(epoch FROM statement_timestamp()) / 5) * 5)"
_ADD = f"""
INSERT INTO traffic_rateuse AS known (slot, bound, subject_id, amount)
SELECT {_SLOT}, * FROM unnest(%s::text[], %s::bigint[], %s::bigint[])
ON CONFLICT (slot, bound, subject_id) DO UPDATE SET amount = known.amount + EXCLUDED.amount
RETURNING slot, bound, subject_id
"""  # noqa: S608  nothing of it came from outside
_READ = (
    "SELECT slot, bound, subject_id, amount FROM traffic_rateuse WHERE slot > statement_timestamp() - interval '15 s'"
)
_FORGET = "DELETE FROM traffic_rateuse WHERE slot < statement_timestamp() - interval '2 minutes'"
SlotId = tuple[datetime, str, int]


@dataclass(slots=True)
class RateExchange:
    """What this process reported of each bucket and five seconds, and what it knows of the others."""

    limiter: RateLimiter
    throttles: ThrottleLog
    reported: dict[SlotId, int] = field(default_factory=lambda: defaultdict(int))
    known: dict[SlotId, int] = field(default_factory=lambda: defaultdict(int))
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def exchange(self) -> None:
        """Tell and read once. Raises a DatabaseError where that fails; then it is reported the next time."""
        self.throttles.flush()
        self._tell(self.limiter.take_unshared(least_seconds=LEAST_SHARED_SECONDS))
        if self.limiter.buckets:
            self._read()

    def start(self) -> None:
        """Exchange every second from now on, in a thread of its own."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="rate-exchange", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write once more and end, waiting no longer than a moment."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _tell(self, amounts: dict[BucketId, int]) -> None:
        if not amounts:
            return
        rows = sorted(amounts.items())  # in one order, or two processes could wait for each other's rows
        columns: list[Any] = [
            [bound.value for (bound, _), _ in rows],
            [subject for (_, subject), _ in rows],
            [a for _, a in rows],
        ]
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, columns)
                for slot, bound, subject_id in cursor.fetchall():
                    self.reported[slot, bound, subject_id] += amounts[ThrottleBound(bound), subject_id]
        except (DatabaseError, InterfaceError):
            self.limiter.give_back_unshared(amounts)
            raise

    def _read(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            rows = {(slot, bound, subject_id): amount for slot, bound, subject_id, amount in cursor.fetchall()}
            if self.reported.keys() - rows.keys():
                cursor.execute(_FORGET)
        for slot_id, amount in rows.items():
            foreign = amount - self.reported.get(slot_id, 0)
            news = foreign - self.known.get(slot_id, 0)
            if news > 0 and self.limiter.add_foreign((ThrottleBound(slot_id[1]), slot_id[2]), news):
                self.known[slot_id] = foreign
        for remembered in (self.reported, self.known):
            for slot_id in remembered.keys() - rows.keys():
                del remembered[slot_id]

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopped.wait(EXCHANGE_SECONDS)
            try:
                with limit_database_waits(DATABASE_SECONDS):
                    self.exchange()
            except (DatabaseError, InterfaceError) as error:
                # Each process then keeps the whole rate by itself, until the database answers again.
                log.warning("rates cannot be shared with the other processes", error=type(error).__name__)
                connection.close()
        connection.close()


rate_exchange = RateExchange(rate_limiter, throttle_log)
