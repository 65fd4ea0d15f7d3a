"""Group commit: threads that store all bodies which wait for it with one statement and one commit."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, connection

from database.thread_connections import close_unusable_connections
from database.wait_limits import limit_database_waits
from front.work_pool import PoolBusy, WorkTooSlow
from tracking.traffic.collect.inbox_store import AcceptedBody, store
from tracking.traffic.collect.ingestion import PreparedBody, note_key_usage, note_stored

MAX_GROUP_BODIES = 500
MAX_GROUP_BYTES = 8 * 1024 * 1024
"""How much is stored at once. While one thread commits, the next group gathers."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A body that waits to be stored, and who waits for it: nobody, once `waiter` is done."""

    prepared: PreparedBody
    accepted: AcceptedBody
    waiter: "asyncio.Future[None]"
    deadline: float  # by `time.monotonic`: until when the database may take


@dataclass(slots=True)
class InboxWriter:
    """Stores bodies by threads of its own, in groups. Made for one event loop; the threads end with the process.

    `max_waiting` is how many bodies may wait; `should_stop` ends waits for the database when the process ends.
    """

    threads: int
    max_waiting: int
    should_stop: Callable[[], bool]
    waiting: int = 0
    _queue: "queue.SimpleQueue[_Waiting | None]" = field(default_factory=queue.SimpleQueue)
    _running: list[threading.Thread] = field(default_factory=list)

    async def store(self, prepared: PreparedBody, *, seconds: float, database_seconds: float) -> None:
        """Store a body and return once it is committed.

        Raises PoolBusy where too many wait, WorkTooSlow where it takes more than `seconds` (it may be stored yet), and
        what the database raises where it fails, which it may do after `database_seconds`.
        """
        accepted = prepared.accepted
        assert accepted is not None
        if self.waiting >= self.max_waiting:
            raise PoolBusy
        loop = asyncio.get_running_loop()
        self._start_threads(loop)
        waiting = _Waiting(prepared, accepted, loop.create_future(), time.monotonic() + database_seconds)
        timer = loop.call_later(seconds, _give_up, waiting)
        self.waiting += 1
        self._queue.put(waiting)
        try:
            await waiting.waiter
        finally:
            timer.cancel()
            self.waiting -= 1

    def stop(self) -> None:
        """Let the threads end once nothing waits."""
        for _ in range(self.threads):
            self._queue.put(None)

    def _start_threads(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start them with the first body: the web server has forked its processes by then.

        One that an error has ended is replaced with the next body: else all that come later would wait for nobody.
        """
        self._running = [thread for thread in self._running if thread.is_alive()]
        while len(self._running) < self.threads:
            thread = threading.Thread(target=self._serve, args=(loop,), name="inbox-writer", daemon=True)
            thread.start()
            self._running.append(thread)

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while (first := self._queue.get()) is not None:
                group = [body for body in self._gather(first) if not body.waiter.done()]
                if group:
                    self._serve_group(group, loop)
        finally:
            connection.close()

    def _serve_group(self, group: Sequence[_Waiting], loop: asyncio.AbstractEventLoop) -> None:
        """Store a group, and tell those who wait, whatever happens."""
        errors = self._store_group(group)
        stored = [body.prepared for body, error in zip(group, errors, strict=True) if error is None]
        try:
            for prepared in stored:
                note_stored(prepared)
        finally:
            with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
                loop.call_soon_threadsafe(_finish, group, errors)
        note_key_usage(stored)

    def _gather(self, first: _Waiting) -> list[_Waiting]:
        """Return what waits by now, as much as is stored at once."""
        group, size = [first], len(first.accepted.body)
        while len(group) < MAX_GROUP_BODIES and size < MAX_GROUP_BYTES:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:  # told to stop: this thread or another one, after this group
                self._queue.put(None)
                break
            group.append(waiting)
            size += len(waiting.accepted.body)
        return group

    def _store_group(self, group: Sequence[_Waiting]) -> list[Exception | None]:
        """Store a group and return what went wrong with each body: nothing, or the same for all, or with one alone."""
        try:
            self._store(group)
        except (OperationalError, InterfaceError) as error:
            return [error] * len(group)
        except Exception:  # whatever it is, whoever waits hears of it, and the thread serves on
            return [self._error_of_storing(body) for body in group]
        return [None] * len(group)

    def _error_of_storing(self, body: _Waiting) -> Exception | None:
        """Store one body of a group that cannot be stored: the others are not to blame."""
        try:
            self._store([body])
        except Exception as error:
            return error
        return None

    def _store(self, group: Sequence[_Waiting]) -> None:
        close_unusable_connections()
        remaining = min(body.deadline for body in group) - time.monotonic()
        with limit_database_waits(remaining, should_give_up=self.should_stop):
            store([body.accepted for body in group])


def _finish(group: Sequence[_Waiting], errors: Sequence[Exception | None]) -> None:
    for body, error in zip(group, errors, strict=True):
        if body.waiter.done():
            continue
        if error is None:
            body.waiter.set_result(None)
        else:
            body.waiter.set_exception(error)


def _give_up(body: _Waiting) -> None:
    if not body.waiter.done():
        body.waiter.set_exception(WorkTooSlow())
