"""Reads a body as it comes, on the event loop: by deadlines, within bounds, holding no thread."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import IO, Protocol

from front.body_budget import BodyBudget, OpenBody
from front.body_errors import BodyBrokeOff, BodyOverLimit, BodyTooSlow
from front.http_messages import RequestHead

SPOOL_BYTES = 64 * 1024
"""What a body of a page may take in memory; what is larger lies in a file without a name."""

DISCARD_SECONDS = 2.0


class BodyStream(Protocol):
    """Where a body comes from: RSGI's protocol object."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...


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

    async def read(self) -> bytes:
        """Return the body. Raises a BodyError where it is too large, too slow, or breaks off."""
        chunks: list[bytes] = []
        await self._consume(chunks.append)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

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
            await self._consume(keep)
        except BaseException:
            spooled.close()
            raise
        spooled.seek(0)
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

    async def _consume(self, keep: Callable[[bytes], Awaitable[object] | None]) -> None:
        promised = self.head.content_length
        limits = self.limits
        if promised is not None and promised > limits.max_bytes:
            raise BodyOverLimit(limits.max_bytes)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limits.total_seconds
        size = 0
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + limits.idle_seconds)) as timeout:
                self.opened = self.budget.open(timeout)
                async for chunk in self.stream:
                    size += len(chunk)
                    if size > limits.max_bytes:
                        raise BodyOverLimit(limits.max_bytes)
                    self.budget.add(self.opened, len(chunk))
                    if (waiting := keep(chunk)) is not None:
                        await waiting
                    timeout.reschedule(min(deadline, loop.time() + limits.idle_seconds))
        except TimeoutError:
            self.is_read = True  # nobody waits for the rest
            raise BodyTooSlow from None
        self.opened.is_complete = self.is_read = True
        # The stream ends in silence when the client goes away.
        if promised is not None and size < promised:
            raise BodyBrokeOff
