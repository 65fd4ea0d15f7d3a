"""Lasting threads for work that blocks, as many as were named, with a bound on waiting for one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

Result = TypeVar("Result")


class PoolBusy(Exception):
    """No thread became free in time."""


class WorkTooSlow(Exception):
    """The work did not end in time. Its thread goes on with it, and is free when it ends."""


@dataclass(slots=True)
class WorkPool:
    """Threads of one kind of work. Made for one event loop.

    `max_waiting` is how many pieces of work may wait for a thread, `wait_seconds` for how long.
    """

    name: str
    threads: int
    max_waiting: int
    wait_seconds: float
    waiting: int = 0
    _executor: ThreadPoolExecutor = field(init=False)
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._executor = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)
        self._free = asyncio.Semaphore(self.threads)

    async def run(
        self, work: Callable[[], Result], *, seconds: float, is_hopeless: Callable[[], bool] | None = None
    ) -> Result:
        """Run work in a thread and return its result, or raise what it raises.

        Raises PoolBusy where no thread is free for it in time, and WorkTooSlow where waiting and work take more than
        `seconds`, or `is_hopeless`, asked now and then while it runs, answers true.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        await self._wait_for_thread()
        try:
            future = loop.run_in_executor(self._executor, work)
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(self._release)
        pause = seconds if is_hopeless is None else HOPE_SECONDS
        while True:
            try:
                async with asyncio.timeout(min(pause, max(0.0, deadline - loop.time()))):
                    return await asyncio.shield(future)
            except TimeoutError:
                if future.done():
                    return future.result()
                if loop.time() >= deadline or (is_hopeless is not None and is_hopeless()):
                    raise WorkTooSlow from None

    def stop(self) -> None:
        """Take no more work, and wait for none."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _wait_for_thread(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self.waiting >= self.max_waiting:
            raise PoolBusy
        self.waiting += 1
        try:
            async with asyncio.timeout(self.wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise PoolBusy from None
        finally:
            self.waiting -= 1

    def _release(self, future: "asyncio.Future[Any]") -> None:
        self._free.release()
        if not future.cancelled():
            future.exception()  # whoever waited has heard it, or has gone


HOPE_SECONDS = 0.25
"""How often one looks whether work may still end."""
