"""One run of a step: a generator sends, an installation works, and everybody's processor time is read."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.db.models import Sum

from benchmarks.load.generator_process import running_generator
from benchmarks.load.plan import Plan, Sent, write_requests
from benchmarks.machine.postgres import Postgres, wal_bytes
from benchmarks.pipeline.counted import Counted, NotExact, is_checked, is_folded, read_counts, require_exact
from benchmarks.pipeline.measured_installation import MeasuredInstallation
from benchmarks.workload.traffic import EVENTS_A_REQUEST, CountKey, Traffic
from tracking.traffic.models import InboxBatch

TWICE_EVERY = 20
POLL_SECONDS = 0.2
DEADLINE = 600.0
_RUN_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run took. `events` are all that were sent, those of repeats among them.

    `sent_seconds` until the last answer, `checked_seconds` until nothing waited, `folded_seconds` until no delta was
    left (both None where nobody checks). `processor` is seconds by who used them.
    """

    sent: Sent
    events: int
    sent_seconds: float
    checked_seconds: float | None
    folded_seconds: float | None
    processor: dict[str, float]
    wal_bytes: int

    @property
    def rate(self) -> float:
        """Events a second until all of them were counted, or stored where nobody counts."""
        return self.events / (self.checked_seconds or self.sent_seconds)

    @property
    def microseconds(self) -> dict[str, float]:
        """Processor microseconds an event, by who used them."""
        return {name: seconds * 1e6 / self.events for name, seconds in self.processor.items()}

    @property
    def processors(self) -> float:
        """How many processors all of them kept busy together, on average."""
        return sum(self.processor.values()) / (self.folded_seconds or self.sent_seconds)


@dataclass(slots=True)
class Run:
    """Sends traffic to an installation and knows what must have been counted of it in the end."""

    installation: MeasuredInstallation
    traffic: Traffic
    postgres: Postgres
    requests_file: Path
    is_counted: bool = True
    _before: Counted = field(default_factory=read_counts)
    _expected: Counter[CountKey] = field(default_factory=Counter)
    _sent_events: int = 0
    _repeats: int = 0
    _possible_repeats: int = 0

    def __post_init__(self) -> None:
        if not self.requests_file.exists():
            write_requests(self.requests_file, self.traffic.requests)

    def measure(
        self,
        *,
        seconds: float,
        rate: float | None = None,
        requests: int | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> Figures:
        """Send for so long, `rate` events a second or as fast as it goes, and wait until all is done.

        `meanwhile` is called once the sending has begun.
        """
        plan = Plan(
            port=self.installation.server.port,
            requests_file=str(self.requests_file),
            seconds=seconds,
            rate=None if rate is None else rate / EVENTS_A_REQUEST,
            requests=requests,
            twice_every=TWICE_EVERY if self.is_counted else 0,
            run=next(_RUN_NUMBERS),
        )
        used, wal = self._processor_seconds(), wal_bytes()
        with running_generator(plan) as generator:
            if meanwhile is not None:
                meanwhile()
            sent = generator.result()
        checked = folded = None
        self._sent_events += (sent.requests + sent.repeats) * EVENTS_A_REQUEST
        self._possible_repeats += sent.retries * EVENTS_A_REQUEST
        if self.is_counted:
            checked = sent.seconds + self._wait(is_checked, sent.answered_at)
            folded = sent.seconds + self._wait(is_folded, sent.answered_at)
            self._expected.update(self.traffic.expected(sent.requests))
            self._repeats += sent.repeats * EVENTS_A_REQUEST
        used_now = self._processor_seconds()
        return Figures(
            sent=sent,
            events=(sent.requests + sent.repeats) * EVENTS_A_REQUEST,
            sent_seconds=sent.seconds,
            checked_seconds=checked,
            folded_seconds=folded,
            processor={"generator": sent.processor_seconds}
            | {name: used_now[name] - seconds for name, seconds in used.items()},
            wal_bytes=wal_bytes() - wal,
        )

    def require_exact(self) -> None:
        """Raise NotExact unless all that was sent by this run was counted exactly once."""
        require_exact(
            read_counts().since(self._before),
            self._expected,
            repeats=self._repeats,
            possible_repeats=self._possible_repeats,
        )

    def require_stored(self) -> None:
        """Raise NotExact unless all that was sent by this run lies in the inbox, which nobody checked. Empty it."""
        batches = InboxBatch.objects.order_by()
        found = batches.aggregate(events=Sum("event_count", default=0))["events"]
        if not self._sent_events <= found <= self._sent_events + self._possible_repeats:
            raise NotExact(f"the inbox holds {found} events, {self._sent_events} were sent")
        batches._raw_delete(batches.db)

    def _wait(self, condition: Callable[[], bool], since: float) -> float:
        """Return how long after `since` a condition holds. Asked seldom: asking costs the database, too."""
        until = since + DEADLINE
        while not condition():
            self.installation.require_running()
            if time.perf_counter() > until:
                raise TimeoutError(f"{DEADLINE:g} s after the last answer not everything is counted")
            time.sleep(POLL_SECONDS)
        return time.perf_counter() - since

    def _processor_seconds(self) -> dict[str, float]:
        found = {"collector": self.installation.collector_seconds()}
        if self.is_counted:
            found["workers"] = self.installation.worker_seconds()
        if (seconds := self.postgres.processor_seconds()) is not None:
            found["PostgreSQL"] = seconds
        return found
