"""Lasting threads for work that blocks, as many as were named, with a bound on waiting for one."""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Result = TypeVar("Result")

HOPE_SECONDS = 0.25
"""How often one looks whether work may still end."""


class PoolBusy(Exception):
    """No thread became free in time."""


class WorkTooSlow(Exception):
    """The work did not end in time. Its thread goes on with it, and is free when it ends."""


@dataclass(slots=True, eq=False)
class _Piece:
    """One piece of work, and who waits for it: nobody, once `waiter` is done."""

    work: Callable[[], Any]
    waiter: "asyncio.Future[Any]"
    is_started: bool = False


@dataclass(slots=True)
class WorkPool:
    """Threads of one kind of work. Made for one event loop; the threads end with the process.

    `max_waiting` is how many pieces of work may wait for a thread, `wait_seconds` for how long.
    """

    name: str
    threads: int
    max_waiting: int
    wait_seconds: float
    unfinished: int = 0
    _queue: "queue.SimpleQueue[_Piece | None]" = field(default_factory=queue.SimpleQueue)
    _started_threads: int = 0

    async def run(
        self, work: Callable[[], Result], *, seconds: float, is_hopeless: Callable[[], bool] | None = None
    ) -> Result:
        """Run work in a thread and return its result, or raise what it raises.

        Raises PoolBusy where no thread is free for it in time, and WorkTooSlow where waiting and work take more than
        `seconds`, or `is_hopeless`, asked now and then while it runs, answers true.
        """
        loop = asyncio.get_running_loop()
        must_wait = self.unfinished >= self.threads
        if must_wait and self.unfinished - self.threads >= self.max_waiting:
            raise PoolBusy
        piece = _Piece(work, loop.create_future())
        timers = [loop.call_later(seconds, _give_up, piece, WorkTooSlow)]
        if must_wait:
            timers.append(loop.call_later(self.wait_seconds, _give_up_waiting, piece))
        if is_hopeless is not None:
            loop.call_later(HOPE_SECONDS, _look, loop, piece, is_hopeless)
        self._submit(piece, loop)
        try:
            result: Result = await piece.waiter
            return result
        finally:
            for timer in timers:
                timer.cancel()

    def stop(self) -> None:
        """Let threads that are free end. Those at work do not keep the process from ending."""
        for _ in range(self._started_threads):
            self._queue.put(None)

    def _submit(self, piece: _Piece, loop: asyncio.AbstractEventLoop) -> None:
        self.unfinished += 1
        if self._started_threads < min(self.threads, self.unfinished):
            self._started_threads += 1
            name = f"{self.name}-{self._started_threads}"
            threading.Thread(target=self._serve, args=(loop,), name=name, daemon=True).start()
        self._queue.put(piece)

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        while (piece := self._queue.get()) is not None:
            result, error = None, None
            if not piece.waiter.done():
                piece.is_started = True
                try:
                    result = piece.work()
                except BaseException as raised:  # whoever waits raises it; the thread serves on
                    error = raised
            try:
                loop.call_soon_threadsafe(self._finish, piece, result, error)
            except RuntimeError:  # the loop has ended, and with it whoever waited
                return

    def _finish(self, piece: _Piece, result: Any, error: BaseException | None) -> None:
        self.unfinished -= 1
        if piece.waiter.done():
            return
        if error is None:
            piece.waiter.set_result(result)
        else:
            piece.waiter.set_exception(error)


def _give_up(piece: _Piece, error: type[Exception]) -> None:
    if not piece.waiter.done():
        piece.waiter.set_exception(error())


def _give_up_waiting(piece: _Piece) -> None:
    if not piece.is_started:
        _give_up(piece, PoolBusy)


def _look(loop: asyncio.AbstractEventLoop, piece: _Piece, is_hopeless: Callable[[], bool]) -> None:
    if piece.waiter.done():
        return
    if is_hopeless():
        _give_up(piece, WorkTooSlow)
    else:
        loop.call_later(HOPE_SECONDS, _look, loop, piece, is_hopeless)
