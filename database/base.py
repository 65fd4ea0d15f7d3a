"""The engine that DATABASES names: Django's own for PostgreSQL, with bounded waits and storable parameters."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base as postgresql

from database.bounded_connection import BoundedConnection
from database.storable_parameters import StorableOperations, register_storable_texts
from database.wait_limits import current_wait_limit


class BoundedDriver:
    """psycopg as Django sees it, but for `connect`."""

    connect = staticmethod(BoundedConnection.connect)

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Django's connection to PostgreSQL.

    `database.wait_limits` says how its waits are bounded, `database.storable_parameters` what becomes of texts and JSON
    that PostgreSQL refuses.
    """

    Database = BoundedDriver()  # type: ignore[assignment]  # the stubs ask for the module itself
    ops_class = StorableOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        register_storable_texts(connection)
        return connection

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if limit := current_wait_limit():
            given = params.get("connect_timeout")
            params["connect_timeout"] = min(int(given), limit.connect_timeout()) if given else limit.connect_timeout()
        return params
