"""Two writers at the same moment, on connections of their own, in an order that does not depend on luck."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

TIMEOUT_SECONDS = 20
WAITING_FOR_US = """
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))
"""


def run_behind(
    first: Callable[[], Any], second: Callable[[], Any], *, then: Callable[[], Any] | None = None
) -> tuple[Any, Any]:
    """Call `first` in a transaction that is committed only once `second`, on another connection, waits for it.

    `then` is what the transaction goes on to do while `second` waits. Returns what each returned, or for `second` the
    exception that it raised. Fails where `second` never waits. For tests marked `django_db(transaction=True)`.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first_result = first()
            other = pool.submit(_on_own_connection, second)
            _wait_until_blocked(other.done)
            if then is not None:
                then()
        return first_result, other.result(timeout=TIMEOUT_SECONDS)


def run_beside(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Call `second` on another connection while the transaction of `first` is open, and return what it returned.

    Fails where `second` waits. For tests marked `django_db(transaction=True)`.
    """
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        first()
        return pool.submit(_on_own_connection, second).result(timeout=TIMEOUT_SECONDS)


def _on_own_connection(step: Callable[[], Any]) -> Any:
    try:
        return step()
    except Exception as error:
        return error
    finally:
        connection.close()


def _wait_until_blocked(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(WAITING_FOR_US)
            if cursor.fetchone() == (True,):
                return
            assert not is_done(), "The second writer did not wait for the first."
            time.sleep(0.01)
    raise AssertionError("The second writer neither waited for the first nor ended.")
