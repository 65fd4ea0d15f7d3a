"""How long the code of a thread may wait for the database, by the client's own clock.

A server that is frozen (its disk, its machine, a stopped process) ends nothing itself: neither `statement_timeout` nor
TCP tells. So whoever may not wait for ever says how long, around what they do:

    with limit_database_waits(1.5):
        InboxBatch.objects.create(...)
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import psycopg

MIN_CONNECT_SECONDS = 2  # libpq's own least


class DatabaseTimeout(psycopg.OperationalError):
    """The database did not answer within the limit. Django raises it as its own OperationalError.

    The connection is closed by then, and nobody knows whether the statement that was sent took effect.
    """


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class WaitLimit:
    """Until when one may wait (by `time.monotonic`), and what ends it earlier."""

    deadline: float
    should_give_up: Callable[[], bool] = _never

    def is_over(self) -> bool:
        return time.monotonic() >= self.deadline or self.should_give_up()

    def connect_timeout(self) -> int:
        """Return the whole seconds that connecting may take: two at least, which is libpq's own bound."""
        return max(MIN_CONNECT_SECONDS, math.ceil(self.deadline - time.monotonic()))


_current_limit: ContextVar[WaitLimit | None] = ContextVar("database_wait_limit", default=None)


def current_wait_limit() -> WaitLimit | None:
    """Return the limit that holds here, None where one may wait for ever."""
    return _current_limit.get()


@contextmanager
def limit_database_waits(seconds: float, *, should_give_up: Callable[[], bool] = _never) -> Iterator[None]:
    """Let the block use the database for `seconds` from now, all its statements together.

    A statement that is not answered by then, or once `should_give_up` answers true (it is asked ten times a second
    while something waits), raises django.db.OperationalError and its connection is closed: the next one connects anew.
    Inside another limit the nearer deadline holds.
    """
    deadline = time.monotonic() + seconds
    outer = _current_limit.get()
    if outer is not None:
        deadline = min(deadline, outer.deadline)
        should_give_up = _either(outer.should_give_up, should_give_up)
    token = _current_limit.set(WaitLimit(deadline, should_give_up))
    try:
        yield
    finally:
        _current_limit.reset(token)


def _either(one: Callable[[], bool], other: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: one() or other()
