"""Sends a plan's requests over many connections from one thread (epoll), and counts what comes back.

Run as `python -m benchmarks.load.generator PLAN`: reads the plan, prints one JSON line once the last is answered.
"""

import gc
import selectors
import sys
import time
from array import array
from collections import Counter
from pathlib import Path

import msgspec

from benchmarks.load.connection import Answer, Connection, ConnectionLost
from benchmarks.load.plan import Plan, Sent, read_requests
from benchmarks.load.schedule import Item, Schedule

MAX_CONNECTIONS_LOST = 1_000
RECONNECT_SECONDS = 0.1
PERCENTILES = (50, 95, 99, 100)


class Generator:
    """Sends one plan. A server that asks to wait is waited for, and whatever it did not take is sent again."""

    def __init__(self, plan: Plan, requests: list[bytes]) -> None:
        self.plan = plan
        self.schedule = Schedule(plan, requests)
        self.statuses: Counter[int] = Counter()
        self.latencies = array("d")
        self.connections_lost = 0
        self.refused = ""
        self._selector = selectors.DefaultSelector()
        self._idle = [Connection(plan.port, self._selector) for _ in range(plan.connections)]
        self._busy = 0
        self._answered_at = 0.0

    def run(self) -> Sent:
        """Send everything and return what came back. Raises TimeoutError past the plan's deadline."""
        processor = time.process_time()
        self.schedule.start()
        deadline = self.schedule.started + self.plan.deadline
        while not self._is_done():
            self._send_what_is_due()
            if time.perf_counter() > deadline:
                raise TimeoutError(f"not everything was answered within {self.plan.deadline:g} s")
            for key, events in self._selector.select(self._seconds_to_wait()):
                self._go_on(key.data, events)
        for connection in self._idle:
            connection.close()
        return Sent(
            requests=self.schedule.new,
            repeats=self.schedule.repeats,
            retries=self.schedule.retries,
            seconds=self._answered_at - self.schedule.started,
            answered_at=self._answered_at,
            waited=self.schedule.waited,
            processor_seconds=time.process_time() - processor,
            statuses=dict(self.statuses),
            latencies=percentiles(self.latencies),
            connections_lost=self.connections_lost,
            refused=self.refused,
        )

    def _is_done(self) -> bool:
        return not self._busy and (bool(self.refused) or (self.schedule.is_over and self.schedule.is_empty))

    def _send_what_is_due(self) -> None:
        while self._idle and not self.refused and (item := self.schedule.next()) is not None:
            connection = self._idle.pop()
            self._busy += 1
            if self.plan.rate is None:
                item.since = time.perf_counter()
            try:
                connection.send(item)
            except ConnectionLost:
                self._lose(connection)

    def _seconds_to_wait(self) -> float:
        """Return how long to look for answers: until one is there, or something is to be sent."""
        has_nothing_to_send = not self._idle or (self.schedule.is_over and self.schedule.is_empty)
        return 1.0 if self._busy and has_nothing_to_send else min(1.0, self.schedule.seconds_until_next())

    def _go_on(self, connection: Connection, events: int) -> None:
        if connection.item is None:  # idle, and the server has closed it
            connection.close()
            return
        try:
            answer = connection.on_ready(events)
        except ConnectionLost:
            self._lose(connection)
            return
        if answer is not None:
            item, connection.item = connection.item, None
            self._idle.append(connection)
            self._busy -= 1
            self._take(item, answer)

    def _take(self, item: Item, answer: Answer) -> None:
        self.statuses[answer.status] += 1
        self._answered_at = time.perf_counter()
        if answer.status == 200:
            self.latencies.append(self._answered_at - item.since)
        elif answer.status in (429, 503) and answer.retry_after is not None:
            self.schedule.put_back(item, after=answer.retry_after)
        else:
            self.refused = self.refused or f"{answer.status}: {answer.body[:300].decode(errors='replace')}"

    def _lose(self, connection: Connection) -> None:
        """Send again what was on its way over a connection that has ended: it may have arrived, or not."""
        connection.close()
        self.connections_lost += 1
        if self.connections_lost > MAX_CONNECTIONS_LOST:
            raise RuntimeError("the server closes every connection")
        item, connection.item = connection.item, None
        assert item is not None
        self._idle.append(connection)
        self._busy -= 1
        self.schedule.put_back(item, after=RECONNECT_SECONDS)


def percentiles(seconds: "array[float]") -> dict[str, float]:
    """Return latencies in milliseconds by percentile (100 is the slowest); empty for none."""
    if not seconds:
        return {}
    in_order = sorted(seconds)
    places = {name: min(len(in_order) - 1, int(len(in_order) * name / 100)) for name in PERCENTILES}
    return {str(name): round(in_order[place] * 1_000, 2) for name, place in places.items()}


def main(path: Path) -> None:
    """Send what a plan says and print what came back."""
    plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    requests = read_requests(Path(plan.requests_file))
    gc.disable()  # nothing here is a cycle, and a pause would be taken for the server's
    print(msgspec.json.encode(Generator(plan, requests).run()).decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
