"""Connections of threads that serve one short piece of work after another without Django's request signals."""

import select
import time

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


def close_unusable_connections() -> None:
    """Close this thread's connections that failed, are past CONN_MAX_AGE, or that the server has closed meanwhile.

    It asks the socket and not the server, which Django's own health check does: no round trip before each piece of
    work. A server that has gone without a word is noticed by the work itself.
    """
    for wrapper in connections.all(initialized_only=True):
        if wrapper.connection is not None and not wrapper.in_atomic_block and _is_unusable(wrapper):
            wrapper.close()


def _is_unusable(wrapper: BaseDatabaseWrapper) -> bool:
    if wrapper.errors_occurred or (wrapper.close_at is not None and time.monotonic() >= wrapper.close_at):
        return True
    if wrapper.connection.closed:
        return True
    # Between statements a server says nothing but farewell.
    watched = select.poll()
    watched.register(wrapper.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(watched.poll(0))
