"""The flag that allows a purge to bypass the triggers of `accounts.migrations._write_once`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import connection, transaction

from accounts.models import User

log = structlog.get_logger(__name__)

SET_PURGE_FLAG = "SELECT set_config('signalbook.purge', %s, true)"


@contextmanager
def allow_purge(*, by: User, reason: str) -> Iterator[None]:
    """A transaction in which protected rows may be changed and deleted; leaving it ends that.

    For `purge_demo` alone. Who purges and why is logged before and after.
    """
    log.warning("purge.started", by=by.username, reason=reason)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SET_PURGE_FLAG, ["on"])
        yield
        # An outer transaction is protected again from here on. A failure rolls the flag back with the savepoint.
        cursor.execute(SET_PURGE_FLAG, ["off"])
    log.warning("purge.finished", by=by.username, reason=reason)
