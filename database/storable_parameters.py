"""Parameters of statements and rows of copies, made storable on their way to the database."""

from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql.operations import DatabaseOperations, get_json_dumps
from django.db.backends.postgresql.psycopg_any import Jsonb
from psycopg.abc import Buffer
from psycopg.types.string import StrDumper, StrDumperUnknown, StrDumperVarchar

from catalog.contract.json.storage_encoding import storable_json, storable_text

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


class StorableOperations(DatabaseOperations):
    """Django's operations, but for how JSON is written."""

    def adapt_json_value(self, value: Any, encoder: type | None) -> Any:
        dumps: Callable[[Any], str] = get_json_dumps(encoder)
        return Jsonb(value, dumps=partial(storable_json, dumps=dumps))


def register_storable_texts(connection: psycopg.Connection[Any]) -> None:
    """Let a connection write every text as it can be stored."""
    # The last one is what psycopg takes where the type of the place is not known.
    for dumper in (StorableText, StorableVarchar, StorableUnknown):
        connection.adapters.register_dumper(str, dumper)
