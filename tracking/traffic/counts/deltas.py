"""Counts of one check, summed before they are written: one row a key, in one order everywhere."""

from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from tracking.traffic.counts.bulk_copy import copy_rows
from tracking.traffic.models import RollupDelta

KEY_COLUMNS = ("hour", "source_id", "environment", "seen_name_id", "app_version", "version_id", "verdict")
COUNTER_COLUMNS = ("count", "warned", "repeats", "possible_repeats", "late", "last_seen", "historical", "undated")


class RollupKey(NamedTuple):
    """What a count is of. `version_id` is 0 where there is none, so that keys can be sorted."""

    hour: datetime
    source_id: int
    environment: str
    seen_name_id: int
    app_version: str
    version_id: int
    verdict: str


@dataclass(slots=True)
class Counters:
    """The counts of one key."""

    last_seen: datetime
    count: int = 0
    warned: int = 0
    repeats: int = 0
    possible_repeats: int = 0
    late: int = 0
    historical: int = 0
    undated: int = 0


@dataclass(slots=True)
class TrafficDelta:
    """Sums up what one check counts."""

    counters: dict[RollupKey, Counters] = field(default_factory=dict)

    def add(
        self,
        key: RollupKey,
        *,
        received_at: datetime,
        count: int = 0,
        warned: int = 0,
        repeats: int = 0,
        possible_repeats: int = 0,
        late: int = 0,
        historical: int = 0,
        undated: int = 0,
    ) -> None:
        """Add to the counts of a key; a count may be negative, where it is taken back."""
        counters = self.counters.get(key)
        if counters is None:
            counters = self.counters[key] = Counters(received_at)
        counters.last_seen = max(counters.last_seen, received_at)
        counters.count += count
        counters.warned += warned
        counters.repeats += repeats
        counters.possible_repeats += possible_repeats
        counters.late += late
        counters.historical += historical
        counters.undated += undated

    def save(self) -> None:
        """Append the sums as deltas. Nothing is ever updated here, so that no worker waits for another."""
        copy_rows(
            RollupDelta,
            (*KEY_COLUMNS, *COUNTER_COLUMNS),
            (
                (
                    *(key.hour, key.source_id, key.environment, key.seen_name_id, key.app_version),
                    *(key.version_id or None, key.verdict),
                    *(
                        counters.count,
                        counters.warned,
                        counters.repeats,
                        counters.possible_repeats,
                        counters.late,
                        counters.last_seen,
                        counters.historical,
                        counters.undated,
                    ),
                )
                for key, counters in sorted(self.counters.items(), key=itemgetter(0))
            ),
        )


def hour_start(at: datetime) -> datetime:
    """Return the hour that a time counts under."""
    return at.replace(minute=0, second=0, microsecond=0)
