"""The engine that DATABASES names: Django's own for PostgreSQL, with connections whose waits can be bounded."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base as postgresql

from database.bounded_connection import BoundedConnection
from database.wait_limits import current_wait_limit


class BoundedDriver:
    """psycopg as Django sees it, but for `connect`."""

    connect = staticmethod(BoundedConnection.connect)

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Django's connection to PostgreSQL. `database.wait_limits` says how its waits are bounded."""

    Database = BoundedDriver()  # type: ignore[assignment]  # the stubs ask for the module itself

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if limit := current_wait_limit():
            given = params.get("connect_timeout")
            params["connect_timeout"] = min(int(given), limit.connect_timeout()) if given else limit.connect_timeout()
        return params
