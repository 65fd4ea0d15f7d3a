"""A connection whose every wait keeps to the limit of the code that waits."""

from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import Ready

from database.wait_limits import DatabaseTimeout, WaitLimit, current_wait_limit

# All statements, commits and copies of psycopg are generators that `wait` drives. It tells them ten times a second
# that nothing has come yet, which is where a limit can be looked at without a thread or a signal.


class BoundedConnection(psycopg.Connection[Any]):
    """psycopg's connection. Past the limit of `limit_database_waits` a wait raises DatabaseTimeout and closes it."""

    def wait(self, gen: PQGen[Any], *args: Any, **kwargs: Any) -> Any:
        limit = current_wait_limit()
        return super().wait(gen if limit is None else self._bounded(gen, limit), *args, **kwargs)

    def _bounded(self, gen: PQGen[Any], limit: WaitLimit) -> Generator[Any, Any, Any]:
        if limit.is_over():
            raise self._timeout()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready == Ready.NONE and limit.is_over():
                    raise self._timeout()
                wanted = gen.send(ready)
        except StopIteration as finished:
            return finished.value

    def _timeout(self) -> DatabaseTimeout:
        # The answer may still come, and would be taken for that of the next statement.
        self.pgconn.finish()
        return DatabaseTimeout("The database did not answer in time.")
