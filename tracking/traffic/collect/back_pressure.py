"""How full the inbox is, known well enough for every request without asking the database at every request."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Sum

from tracking.traffic.models import InboxBatch

ROW_OVERHEAD_BYTES = 1024
"""What a row costs beside its body, so that many tiny bodies fill the inbox too."""

EVENT_OVERHEAD_BYTES = 256
"""What an event costs beside its bytes: checking `{}` takes as long as checking many a longer one."""

CACHE_SECONDS = 1.0
QUERY_COST_FACTOR = 20  # the reading may take at most a twentieth of the time


def inbox_cost(size: int, event_count: int, rows: int = 1) -> int:
    """Return what bodies of so many bytes and events cost of the inbox's bytes."""
    return size + event_count * EVENT_OVERHEAD_BYTES + rows * ROW_OVERHEAD_BYTES


@dataclass(slots=True)
class InboxCapacity:
    """The inbox's size by source, read once a second by each process.

    Between two readings a process adds what it takes itself. So a bound can be passed by what the other
    processes store within a second, which is small against it. Where a reading takes long because the inbox
    is, the next one waits longer.
    """

    bytes_by_source: dict[int, int] = field(default_factory=dict)
    oldest_received_at: datetime | None = None
    valid_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_current(self) -> bool:
        """Tell whether the last reading still holds."""
        return time.monotonic() < self.valid_until

    def has_capacity(self, source_id: int, size: int, event_count: int) -> bool:
        """Tell whether a body of a source still fits into the inbox and into the source's share of it.

        By the last reading and what was added since: whoever may ask the database calls `refresh` before.

        The share is a multiple of what would still be free (the *dynamic threshold* of Choudhury and Hahne, 1998). So
        it follows who is active: whoever is alone may fill much, those who are many fill as much each, and some room is
        always left for a source that has sent nothing yet.
        """
        cost = inbox_cost(size, event_count)
        free_bytes = settings.INBOX_MAX_BYTES - sum(self.bytes_by_source.values()) - cost
        source_bytes = self.bytes_by_source.get(source_id, 0) + cost
        return source_bytes <= settings.INBOX_SHARE_FACTOR * free_bytes

    def add(self, source_id: int, size: int, event_count: int) -> None:
        """Count a body that this process is about to store."""
        with self.lock:
            self.bytes_by_source[source_id] = self.bytes_by_source.get(source_id, 0) + inbox_cost(size, event_count)

    def invalidate(self) -> None:
        """Let the last reading hold no more."""
        self.valid_until = 0.0

    def refresh(self) -> None:
        """Read anew where that is due and no other thread does."""
        if self.is_current() or not self.lock.acquire(blocking=False):
            return
        try:
            started = time.monotonic()
            batches = InboxBatch.objects.order_by().values_list("source_id")
            usage_by_source = list(batches.annotate(Sum("size"), Sum("event_count"), Count("id"), Min("received_at")))
            self.bytes_by_source = {
                source_id: inbox_cost(size, events, rows) for source_id, size, events, rows, _ in usage_by_source
            }
            self.oldest_received_at = min((oldest for *_, oldest in usage_by_source), default=None)
            now = time.monotonic()
            self.valid_until = now + max(CACHE_SECONDS, QUERY_COST_FACTOR * (now - started))
        finally:
            self.lock.release()


inbox_capacity = InboxCapacity()
