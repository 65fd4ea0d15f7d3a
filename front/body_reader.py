"""Reads a body as it comes, on the event loop: by deadlines, within bounds, holding no thread."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Protocol

from front.body_budget import BodyBudget, OpenBody
from front.body_errors import BodyBrokeOff, BodyHasNoRoom, BodyOverLimit, BodyTooSlow
from front.http_messages import RequestHead
from runtime.files import is_disk_full

SPOOL_BYTES = 64 * 1024
"""What a body of a page may take in memory; what is larger lies in a file without a name."""

SMALL_BYTES = 64 * 1024
"""What is read at once: most of what SDKs send."""

DISCARD_SECONDS = 2.0


class BodyStream(Protocol):
    """Where a body comes from: RSGI's protocol object."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def __call__(self) -> Awaitable[bytes]: ...


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, how long it may pause, and how long it may take."""

    max_bytes: int
    idle_seconds: float
    total_seconds: float


@dataclass(slots=True, eq=False)
class BodyReader:
    """The body of one request. `close` it when the request is answered, so that others have its bytes."""

    head: RequestHead
    stream: BodyStream
    limits: BodyLimits
    budget: BodyBudget
    is_read: bool = False
    opened: OpenBody | None = None
    timer: asyncio.TimerHandle | None = None
    began_at: float = 0.0
    last_came_at: float = 0.0

    async def read(self) -> bytes:
        """Return the body. Raises a BodyError where it is too large, too slow, or breaks off."""
        promised = self.head.content_length
        if promised is not None and promised <= min(SMALL_BYTES, self.limits.max_bytes):
            return await self._read_small(promised)
        chunks: list[bytes] = []
        await self._read_chunks(chunks.append)
        return b"".join(chunks)

    async def read_into_file(self) -> IO[bytes]:
        """Return the body as a file at its beginning, in memory while it is small. Raises as `read` does."""
        spooled: IO[bytes] = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115  whoever reads it closes it
        loop = asyncio.get_running_loop()
        size = 0

        def keep(chunk: bytes) -> Awaitable[int] | None:
            nonlocal size
            size += len(chunk)
            if size <= SPOOL_BYTES:
                spooled.write(chunk)
                return None
            return loop.run_in_executor(None, spooled.write, chunk)  # a disk may answer slowly

        try:
            await self._read_chunks(keep)
            spooled.seek(0)  # writes what the file still has in memory
        except BaseException as error:
            with suppress(OSError):
                spooled.close()
            if is_disk_full(error):
                raise BodyHasNoRoom from error
            raise
        return spooled

    async def discard(self) -> None:
        """Read on for a moment and keep nothing, so that a client that is still sending hears why it is refused.

        A connection that is closed while bytes come is reset, and the client never sees the answer.
        """
        if self.is_read or self.head.headers.get("expect", ""):
            return
        try:
            async with asyncio.timeout(DISCARD_SECONDS):
                async for _ in self.stream:
                    pass
        except (TimeoutError, RuntimeError):
            pass
        self.is_read = True

    def close(self) -> None:
        if self.opened is not None:
            self.budget.close(self.opened)

    async def _read_small(self, promised: int) -> bytes:
        """Read a body at once: the web server holds it until it is whole, and its promise is counted from the start.

        When a part of it came is not told, so that a pause cannot be told from a slow line: only the whole has an end.
        """
        with self._opened(idle_seconds=self.limits.total_seconds) as opened:
            self.budget.add(opened, promised)
            return await self.stream()

    async def _read_chunks(self, keep: Callable[[bytes], Awaitable[object] | None]) -> None:
        promised, limit = self.head.content_length, self.limits.max_bytes
        if promised is not None and promised > limit:
            raise BodyOverLimit(limit)
        size = 0
        with self._opened(idle_seconds=self.limits.idle_seconds) as opened:
            async for chunk in self.stream:
                size += len(chunk)
                if size > limit:
                    raise BodyOverLimit(limit)
                self.budget.add(opened, len(chunk))
                if (waiting := keep(chunk)) is not None:
                    await waiting
                self.last_came_at = asyncio.get_running_loop().time()
        # The stream ends in silence when the client goes away.
        if promised is not None and size < promised:
            raise BodyBrokeOff

    @contextmanager
    def _opened(self, *, idle_seconds: float) -> Iterator[OpenBody]:
        """Have the body in the budget, and its reading ended when it pauses for so long or takes too long."""
        loop = asyncio.get_running_loop()
        self.began_at = self.last_came_at = loop.time()
        opened = self.opened = self.budget.open()
        self._set_timer(loop, idle_seconds)
        try:
            yield opened
        except asyncio.CancelledError:
            if opened.task is None or not opened.is_given_up:
                raise
            opened.task.uncancel()
            self.is_read = True  # nobody waits for the rest
            raise BodyTooSlow from None
        except RuntimeError as error:  # RSGI's own: the connection is closed
            raise BodyBrokeOff from error
        finally:
            if self.timer is not None:
                self.timer.cancel()
        opened.is_complete = self.is_read = True

    def _set_timer(self, loop: asyncio.AbstractEventLoop, idle_seconds: float) -> None:
        """Look again when the body may be late: one timer a body, however many pieces it comes in."""
        deadline = min(self.began_at + self.limits.total_seconds, self.last_came_at + idle_seconds)
        if loop.time() >= deadline:
            assert self.opened is not None
            self.opened.give_up()
        else:
            self.timer = loop.call_at(deadline, self._set_timer, loop, idle_seconds)
