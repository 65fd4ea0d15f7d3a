"""How late the machine itself is: a deadline that it missed because nothing ran is not an escape."""

from __future__ import annotations

import threading
import time
from collections import deque

SLEEP_SECONDS = 0.05


class MachineLag:
    """A thread that sleeps shortly again and again, and notes how much longer it slept."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=2_000)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="machine lag", daemon=True)
        self._thread.start()

    def since(self, began: float) -> float:
        """Return how many seconds the machine was late in all since `began`, by `time.monotonic`."""
        return sum(late for at, late in tuple(self._late) if at >= began)

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.is_set():
            before = time.monotonic()
            time.sleep(SLEEP_SECONDS)
            now = time.monotonic()
            if (late := now - before - SLEEP_SECONDS) > SLEEP_SECONDS:
                self._late.append((now, late))
