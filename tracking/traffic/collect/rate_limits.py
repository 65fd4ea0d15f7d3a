"""How much a write key and its source may send: buckets in the memory of each process, shared by `rate_exchange`."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings

from catalog.models import Source, WriteKey
from tracking.traffic.choices import ThrottleBound

MAX_WAIT_SECONDS = 30
BucketId = tuple[ThrottleBound, int]
"""A bound, and the id of the key or source that it is of."""


@dataclass(slots=True)
class Bucket:
    """A bucket that fills with what is sent and empties at its rate. Once it is full, nothing more is taken.

    What was taken last may overfill it, so that a body larger than the bucket is taken too, and paid for afterwards.
    """

    rate: float  # a second
    capacity: float
    level: float = 0.0
    at: float = 0.0
    unshared: int = 0  # what this process took and has not told the others

    def drain(self, now: float) -> None:
        """Empty it by what has run out since the last time."""
        self.level = max(0.0, self.level - self.rate * (now - self.at))
        self.at = now

    def seconds_to_wait(self) -> float:
        """Return how long until it takes something again; 0 where it does now."""
        return (self.level - self.capacity) / self.rate if self.level >= self.capacity else 0.0


@dataclass(frozen=True, slots=True)
class ExceededRate:
    """The bound that a key or its source has reached, and the whole seconds after which to send again."""

    bound: ThrottleBound
    retry_after: int


@dataclass(slots=True)
class RateLimiter:
    """The buckets of this process, two of each key and two of each source that sent since it started."""

    clock: Callable[[], float] = time.monotonic
    buckets: dict[BucketId, Bucket] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def exceeded(self, key: WriteKey) -> ExceededRate | None:
        """Return the bound that a key has reached, that with the longest wait first; None where it may send."""
        with self.lock:
            waits = [
                (bucket.seconds_to_wait(), bound)
                for bound, bucket in self._buckets_of(key)
                if bucket.level >= bucket.capacity
            ]
        if not waits:
            return None
        seconds, bound = max(waits)
        return ExceededRate(bound, min(MAX_WAIT_SECONDS, max(1, math.ceil(seconds))))

    def spend(self, key: WriteKey, *, event_count: int, size: int) -> None:
        """Take what was stored from the buckets of its key and source."""
        with self.lock:
            for bound, bucket in self._buckets_of(key):
                amount = event_count if bound in _OF_EVENTS else size
                bucket.level += amount
                bucket.unshared += amount

    def take_unshared(self, *, least_seconds: float) -> dict[BucketId, int]:
        """Return what the other processes do not know yet, where that is at least so many seconds' worth."""
        with self.lock:
            shared = {
                bucket_id: bucket.unshared
                for bucket_id, bucket in self.buckets.items()
                if bucket.unshared and bucket.unshared >= bucket.rate * least_seconds
            }
            for bucket_id in shared:
                self.buckets[bucket_id].unshared = 0
        return shared

    def give_back_unshared(self, amounts: dict[BucketId, int]) -> None:
        """Keep for the next time what could not be told."""
        with self.lock:
            for bucket_id, amount in amounts.items():
                if bucket := self.buckets.get(bucket_id):
                    bucket.unshared += amount

    def add_foreign(self, bucket_id: BucketId, amount: int) -> bool:
        """Count what other processes took. False where nothing of the key or source came to this one."""
        with self.lock:
            bucket = self.buckets.get(bucket_id)
            if bucket is None:
                return False
            bucket.drain(self.clock())
            bucket.level += amount
        return True

    def clear(self) -> None:
        """Forget all, as at the start."""
        with self.lock:
            self.buckets.clear()

    def _buckets_of(self, key: WriteKey) -> Iterator[tuple[ThrottleBound, Bucket]]:
        now = self.clock()
        for bound, rate in rates_of(key.source).items():
            subject_id = key.pk if bound in _OF_KEYS else key.source_id
            bucket = self.buckets.get((bound, subject_id))
            if bucket is None:
                bucket = self.buckets[bound, subject_id] = Bucket(rate, rate * settings.RATE_BURST_SECONDS, at=now)
            bucket.drain(now)
            bucket.rate, bucket.capacity = rate, rate * settings.RATE_BURST_SECONDS  # as they are set now
            yield bound, bucket


_OF_KEYS = frozenset({ThrottleBound.KEY_EVENTS, ThrottleBound.KEY_BYTES})
_OF_EVENTS = frozenset({ThrottleBound.KEY_EVENTS, ThrottleBound.SOURCE_EVENTS})


def rates_of(source: Source) -> dict[ThrottleBound, float]:
    """Return how much a second a source and each of its keys may send: what the source says, else the settings."""
    events, size = source.max_events_per_second, source.max_bytes_per_second
    return {
        ThrottleBound.KEY_EVENTS: events or settings.KEY_EVENTS_PER_SECOND,
        ThrottleBound.KEY_BYTES: size or settings.KEY_BYTES_PER_SECOND,
        ThrottleBound.SOURCE_EVENTS: events or settings.SOURCE_EVENTS_PER_SECOND,
        ThrottleBound.SOURCE_BYTES: size or settings.SOURCE_BYTES_PER_SECOND,
    }


rate_limiter = RateLimiter()
