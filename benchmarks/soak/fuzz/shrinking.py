"""From an input that shows a fault to a small one that shows the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Part = TypeVar("Part")

SHRINK_SECONDS = 30.0


def shrink(parts: Sequence[Part], shows: Callable[[Sequence[Part]], bool], *, until: float) -> Sequence[Part]:
    """Return as few of the parts as still show it, by halves, quarters and so on (Zeller's ddmin, without complements).

    `shows` says whether some parts do; all of them do. Returns what it has reached at `until`, by `time.monotonic`.
    """
    size = max(len(parts) // 2, 1)
    while True:
        place = 0
        while place < len(parts) and len(parts) > 1 and time.monotonic() < until:
            without = [*parts[:place], *parts[place + size :]]
            if without and shows(without):
                parts = without
            else:
                place += size
        if size == 1 or time.monotonic() >= until:
            return parts
        size //= 2
