"""What long work over tables is at, for whoever waits for it."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Report = Callable[[str], None]
"""Prints a line."""

SECONDS_BETWEEN = 5.0


@dataclass(slots=True)
class RowProgress:
    """Prints a line every five seconds while rows pass; short work prints none."""

    report: Report
    what: str  # as in "Written", "Read"
    rows: int = 0
    _told_at: float = field(default_factory=time.monotonic)

    def watch(self, table: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blocks of a table's rows, in the text format of COPY, as they are."""
        for block in blocks:
            yield block
            self.rows += block.count(b"\n")
            if time.monotonic() - self._told_at >= SECONDS_BETWEEN:
                self._told_at = time.monotonic()
                self.report(f"{self.what} so far: {self.rows:,} rows; now {table}")
