"""How many bytes all bodies that are being read may take together."""

import asyncio
from dataclasses import dataclass, field

from front.body_errors import BodiesCrowded


@dataclass(slots=True, eq=False)
class OpenBody:
    """A body on its way, and what ends its reading early."""

    timeout: asyncio.Timeout
    size: int = 0
    is_evicted: bool = False
    is_complete: bool = False


@dataclass(slots=True)
class BodyBudget:
    """Where the bytes are used up, the body that has been coming longest gives up its own.

    So whoever holds many bodies half-sent ends their own: what an SDK sends is whole within moments. Made for one
    event loop.
    """

    limit: int
    used: int = 0
    bodies: dict[OpenBody, None] = field(default_factory=dict)  # the one that was opened first comes first

    def open(self, timeout: asyncio.Timeout) -> OpenBody:
        body = OpenBody(timeout)
        self.bodies[body] = None
        return body

    def add(self, body: OpenBody, size: int) -> None:
        """Count bytes of a body that came. Raises BodiesCrowded where even without the other bodies they do not fit."""
        if self.used + size > self.limit:
            self._evict_slowest(but=body, needed=size)
        if self.used + size > self.limit:
            raise BodiesCrowded
        body.size += size
        self.used += size

    def close(self, body: OpenBody) -> None:
        """Give back what a body took. It is answered, or was given up."""
        if body in self.bodies:
            del self.bodies[body]
            self.used -= body.size

    def _evict_slowest(self, *, but: OpenBody, needed: int) -> None:
        for body in list(self.bodies):
            if self.used + needed <= self.limit:
                return
            if body is not but and body.size and not body.is_complete:
                body.is_evicted = True
                self.close(body)
                body.timeout.reschedule(asyncio.get_running_loop().time())
