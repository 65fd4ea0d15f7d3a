"""Which request comes next, and when: new ones in their turn, some of them twice, and what the server sent back."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.load.plan import PASS, SECOND, Plan, pass_mark

REPEATED_AFTER = 40
"""After so many other requests one is sent the second time."""


@dataclass(slots=True)
class Item:
    """A request as it is sent, with the time from which its latency counts."""

    request: bytes
    since: float
    is_repeat: bool = False


@dataclass(slots=True)
class Schedule:
    """The requests of a plan, one after the other. `clock` is monotonic, in seconds."""

    plan: Plan
    requests: Sequence[bytes]
    clock: Callable[[], float] = time.perf_counter
    started: float = 0.0
    new: int = 0
    repeats: int = 0
    retries: int = 0
    waited: float = 0.0
    _turn: int = 0  # how many were handed out by the rate
    _resume_at: float = 0.0
    _again: "deque[Item]" = field(default_factory=deque)
    _later: "deque[tuple[int, Item]]" = field(default_factory=deque)
    _pass: int = -1
    _mark: bytes = PASS
    _second: bytes = SECOND
    _second_until: float = 0.0

    def start(self) -> None:
        """Let the time begin."""
        self.started = self.clock()

    @property
    def is_over(self) -> bool:
        """Whether no new request begins any more."""
        return self.clock() - self.started >= self.plan.seconds or (
            self.plan.requests is not None and self.new >= self.plan.requests
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to hand out once it is over."""
        return not self._again and not self._later

    def next(self) -> Item | None:
        """Return what is to be sent now; None where nothing is."""
        now = self.clock()
        if now < self._resume_at:
            return None
        if self._again:
            return self._again.popleft()
        due = now if self.plan.rate is None else self.started + self._turn / self.plan.rate
        if due > now:
            return None
        is_over = self.is_over
        if self._later and (is_over or self._turn >= self._later[0][0]):
            _, item = self._later.popleft()
            self._turn += 1
            self.repeats += 1
            item.since = due
            return item
        if is_over:
            return None
        item = Item(self._request(now), due)
        if self.plan.twice_every and self.new % self.plan.twice_every == self.plan.twice_every - 1:
            self._later.append((self._turn + REPEATED_AFTER, Item(item.request, due, is_repeat=True)))
        self.new += 1
        self._turn += 1
        return item

    def put_back(self, item: Item, *, after: float = 0.0) -> None:
        """Send a request again, and nothing before so many seconds have passed: the server asked everybody to wait."""
        self.retries += 1
        self._again.append(item)
        now = self.clock()
        resume_at = max(self._resume_at, now + after)
        self.waited += resume_at - max(self._resume_at, now)
        self._resume_at = resume_at

    def seconds_until_next(self) -> float:
        """Return how long nothing is to be sent; 0 where something is, or as fast as it goes."""
        now = self.clock()
        if now < self._resume_at:
            return self._resume_at - now
        if self._again or self.plan.rate is None:
            return 0.0
        return max(0.0, self.started + self._turn / self.plan.rate - now)

    def _request(self, now: float) -> bytes:
        number, place = divmod(self.new, len(self.requests))
        if number != self._pass:
            self._pass, self._mark = number, pass_mark(self.plan.run, number)
        if now >= self._second_until:
            self._second_until = now + 0.5
            self._second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()).encode()
        return self.requests[place].replace(PASS, self._mark).replace(SECOND, self._second)
