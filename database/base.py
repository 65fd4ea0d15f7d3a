"""The engine that DATABASES names: Django's own for PostgreSQL, with bounded waits and storable parameters."""

import os
from typing import Any

import psycopg
from django.db.backends.postgresql import base as postgresql

from database.bounded_connection import BoundedConnection
from database.session_settings import is_of_older_server, with_session_settings
from database.storable_parameters import StorableOperations, register_storable_parameters
from database.wait_limits import current_wait_limit


class BoundedDriver:
    """psycopg as Django sees it, but for `connect`."""

    connect = staticmethod(BoundedConnection.connect)

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Django's connection to PostgreSQL.

    `database.wait_limits` says how its waits are bounded, `database.storable_parameters` what becomes of texts and JSON
    that PostgreSQL refuses, `database.session_settings` what no setting of a role changes.
    """

    Database = BoundedDriver()  # type: ignore[assignment]  # the stubs ask for the module itself
    ops_class = StorableOperations
    is_older_server = False  # until one refuses a setting that it does not know; for all connections of the process

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError as error:
            if not is_of_older_server(error):
                raise
            DatabaseWrapper.is_older_server = True
            connection = super().get_new_connection(self.get_connection_params())
        register_storable_parameters(connection)
        return connection

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        # What the environment says counts where DATABASE_URL says nothing, as without the options of ours.
        options = params.get("options") or os.environ.get("PGOPTIONS", "")
        params["options"] = with_session_settings(options, is_older_server=self.is_older_server)
        if limit := current_wait_limit():
            given = params.get("connect_timeout")
            params["connect_timeout"] = min(int(given), limit.connect_timeout()) if given else limit.connect_timeout()
        return params
