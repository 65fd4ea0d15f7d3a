"""How late the machine itself is: a deadline that was missed since nothing ran is no escape.

Counted is what Linux counts: how long threads that could run waited for a processor (`/proc/<pid>/schedstat`). Where
that is not there, how much longer than asked a thread of this process slept.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.soak.background_work import BackgroundWork

LOOK_SECONDS = 0.1
FIND_SECONDS = 1.0
SETTLE_SECONDS = 0.5
KEPT = 3_000


@dataclass(slots=True)
class MachineLag(BackgroundWork):
    """Notes how late the machine is. `watched` says whose waiting counts, beside this process itself."""

    watched: Callable[[], Iterable[int]]
    _late: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _waited: dict[Path, int] = field(default_factory=dict)

    def since(self, began: float) -> float:
        """Return how many seconds the machine was late in all since `began`, by `time.monotonic`.

        Linux counts a wait once it is over: ask no sooner than `SETTLE_SECONDS` after what may have been late.
        """
        return sum(late for at, late in tuple(self._late) if at >= began)

    def _work(self, number: int) -> None:
        pids: tuple[int, ...] = ()
        found_at = 0.0
        while not self._should_stop.is_set():
            before = time.monotonic()
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            if now - found_at > FIND_SECONDS:
                pids, found_at = tuple(self.watched()), now
            self._late.append((now, max(now - before - LOOK_SECONDS, self._longest_wait(pids))))

    def _longest_wait(self, pids: Iterable[int]) -> float:
        """Return how long that thread waited for a processor that waited longest since the last time."""
        waited = {}
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with suppress(OSError, ValueError, IndexError):
                    waited[task] = int(task.read_text().split()[1])
        longest = max((total - self._waited.get(task, total) for task, total in waited.items()), default=0)
        self._waited = waited
        return longest / 1e9
