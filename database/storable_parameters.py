"""Parameters of statements and rows of copies, made storable on their way to the database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql.operations import DatabaseOperations, get_json_dumps
from django.db.backends.postgresql.psycopg_any import Jsonb
from psycopg.abc import Buffer
from psycopg.types.datetime import DatetimeDumper
from psycopg.types.string import StrDumper, StrDumperUnknown, StrDumperVarchar

from catalog.contract.json.storage_encoding import storable_json, storable_text

MAX_OFFSET = timedelta(hours=15)
"""From here on a time is written in UTC: a bit below the database's own bound, and above all zones that there are."""

# psycopg's own raise for a NUL and for a lone surrogate, wherever the text came from. Whoever looks for such a text
# finds what was stored of it.


class StorableText(StrDumper):
    """Dumps a text to `text`."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable_text(obj))


class StorableVarchar(StrDumperVarchar):
    """Dumps a text to `varchar`."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable_text(obj))


class StorableUnknown(StrDumperUnknown):
    """Dumps a text to whatever type its place has."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable_text(obj))


class StorableMoment(DatetimeDumper):
    """Dumps a time with its offset from UTC; PostgreSQL takes less than 16 hours of them, Python less than 24."""

    def dump(self, obj: datetime) -> Buffer | None:
        offset = obj.utcoffset()
        if offset is not None and abs(offset) >= MAX_OFFSET:
            try:
                obj = obj.astimezone(UTC)
            except OverflowError:  # an end of the calendar, where nobody misses a day
                obj = obj.replace(tzinfo=UTC)
        return super().dump(obj)


class StorableOperations(DatabaseOperations):
    """Django's operations, but for how JSON is written."""

    def adapt_json_value(self, value: Any, encoder: type | None) -> Any:
        dumps: Callable[[Any], str] = get_json_dumps(encoder)
        return Jsonb(value, dumps=partial(storable_json, dumps=dumps))


def register_storable_parameters(connection: psycopg.Connection[Any]) -> None:
    """Let a connection write every text and time as it can be stored."""
    # The last one is what psycopg takes where the type of the place is not known.
    for dumper in (StorableText, StorableVarchar, StorableUnknown):
        connection.adapters.register_dumper(str, dumper)
    connection.adapters.register_dumper(datetime, StorableMoment)
