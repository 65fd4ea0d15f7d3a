"""How many bytes all bodies that are being read may take together."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from front.body_errors import BodiesCrowded


@dataclass(slots=True, eq=False)
class OpenBody:
    """A body on its way, read by a task that can be told to stop."""

    task: "asyncio.Task[Any] | None"
    size: int = 0
    is_complete: bool = False
    is_given_up: bool = False

    def give_up(self) -> None:
        """End the reading: the task raises CancelledError where it waits for bytes."""
        self.is_given_up = True
        if self.task is not None:
            self.task.cancel()


@dataclass(slots=True)
class BodyBudget:
    """Where the bytes are used up, the body that has been coming longest gives up its own.

    So whoever holds many bodies half-sent ends their own: what an SDK sends is whole within moments. Made for one
    event loop.
    """

    limit: int
    used: int = 0
    bodies: dict[OpenBody, None] = field(default_factory=dict)  # the one that was opened first comes first

    def open(self) -> OpenBody:
        """Return the body that this task reads from now on."""
        body = OpenBody(asyncio.current_task())
        self.bodies[body] = None
        return body

    def add(self, body: OpenBody, size: int) -> None:
        """Count bytes of a body. Raises BodiesCrowded where even without the bodies before it they do not fit."""
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
                self.close(body)
                body.give_up()
