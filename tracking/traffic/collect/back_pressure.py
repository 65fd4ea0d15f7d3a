"""How full the inbox is, known well enough for every request without asking the database at every request."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Sum

from tracking.traffic.models import InboxBatch

ROW_BYTES = 1024
"""What a row costs beside its body, so that many tiny bodies fill the inbox too."""

FRESH_SECONDS = 1.0
COST_FACTOR = 20  # the reading may take at most a twentieth of the time


@dataclass(slots=True)
class InboxGauge:
    """The inbox's size by source, read once a second by each process.

    Between two readings a process adds what it stored itself. So a bound can be passed by what the other
    processes store within a second, which is small against it. Where a reading takes long because the inbox
    is, the next one waits longer.
    """

    by_source: dict[int, int] = field(default_factory=dict)
    oldest: datetime | None = None
    fresh_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def has_room(self, source_id: int, size: int) -> bool:
        """Tell whether a body of a source still fits into the inbox and into the source's share of it."""
        self._refresh()
        cost = size + ROW_BYTES
        limit = settings.INBOX_MAX_BYTES
        own = self.by_source.get(source_id, 0) + cost
        return own <= limit * settings.INBOX_SOURCE_SHARE and sum(self.by_source.values()) + cost <= limit

    def add(self, source_id: int, size: int) -> None:
        """Count a body that this process has stored."""
        with self.lock:
            self.by_source[source_id] = self.by_source.get(source_id, 0) + size + ROW_BYTES

    def forget(self) -> None:
        """Read anew before the next answer."""
        self.fresh_until = 0.0

    def _refresh(self) -> None:
        if time.monotonic() < self.fresh_until or not self.lock.acquire(blocking=False):
            return
        try:
            started = time.monotonic()
            rows = InboxBatch.objects.order_by().values_list("source_id")
            found = list(rows.annotate(Sum("size"), Count("id"), Min("received_at")))
            self.by_source = {source_id: size + count * ROW_BYTES for source_id, size, count, _ in found}
            self.oldest = min((oldest for *_, oldest in found), default=None)
            now = time.monotonic()
            self.fresh_until = now + max(FRESH_SECONDS, COST_FACTOR * (now - started))
        finally:
            self.lock.release()


inbox_gauge = InboxGauge()
