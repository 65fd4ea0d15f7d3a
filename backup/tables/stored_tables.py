"""The tables of a backup: those of all models, but for what is worth nothing, or too much, elsewhere."""

from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as DjangoSession
from django.db import connection, models
from psycopg import sql

from accounts.models import ApiToken, AuditEntry, HistoryEntry, Session, SignInAttempt, User
from catalog.models import CompanyPolicy, WriteKey
from tracking.quality.models import Finding
from tracking.requests.models import EvidenceDevice, EvidenceId, PinnedEvent, Verification
from tracking.traffic.models import InboxBatch, QuarantinedBatch, RateUse, Sample, WaitingWakeUp, WorkerBeat


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


LEFT_OUT = {
    _table(Session): "who is signed in: with it the file would be a key to their accounts, and they can sign in again",
    _table(DjangoSession): "Django's own sessions, which no release since has written",
    _table(WorkerBeat): "signs of life of the processes of one installation",
    _table(WaitingWakeUp): "a message that waits in the broker of one installation",
    _table(RateUse): "what senders used within the last seconds",
    "cache_entry": "a cache",
    "django_migrations": "which migrations ran is in the manifest, and is for `migrate` to write",
}
"""Tables that no backup holds, and why. Those of models are not looked at when it is restored, either."""

SENSITIVE = {
    _table(InboxBatch): "bodies as they came, with whatever people sent, that wait to be checked",
    _table(QuarantinedBatch): "bodies as they came, with whatever people sent, that could not be checked",
    _table(Sample): "events, masked as their environment asks",
    _table(Finding): "events that show what is wrong, masked as their environment asks",
    _table(PinnedEvent): "events that a step pinned, masked as their environment asks",
    _table(Verification): "events that a signature counted, masked, and hashes of whose they were",
    _table(EvidenceId): "hashes of the ids of people",
    _table(EvidenceDevice): "hashes of the ids of devices and their people",
    _table(HistoryEntry): "who did what and why, and hashes of whose events were counted",
    _table(SignInAttempt): "hashes of accounts and networks that tried to sign in",
    _table(User): "names, e-mail addresses and hashes of passwords",
    _table(ApiToken): "hashes of API tokens",
    _table(AuditEntry): "from which networks people and their tokens came",
    _table(WriteKey): "write keys, readable",
}

FILLED_BY_MIGRATIONS = frozenset(map(_table, (ContentType, Permission, CompanyPolicy)))
"""Tables that have rows in an empty installation. A restore replaces these."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table as it is backed up: its columns, and the key by which its rows are ordered.

    Generated columns are not among the columns; the database makes them anew.
    """

    name: str
    columns: tuple[str, ...]
    key: str
    is_key_text: bool
    has_sequence: bool

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.name)

    @property
    def column_list(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    @property
    def order(self) -> sql.Composable:
        """By the key; a text byte by byte, since each server sorts texts by a collation of its own."""
        key = sql.Identifier(self.key)
        return sql.SQL('{} COLLATE "C"').format(key) if self.is_key_text else key


def stored_tables() -> list[StoredTable]:
    """Return the tables that a backup holds, by name."""
    models_by_table = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [_stored_table(model) for name, model in sorted(models_by_table.items()) if name not in LEFT_OUT]


def _stored_table(model: type[models.Model]) -> StoredTable:
    fields = model._meta.local_concrete_fields
    key = model._meta.pk
    return StoredTable(
        name=model._meta.db_table,
        columns=tuple(field.column for field in fields if field.column and not field.generated),
        key=key.column or key.attname,
        is_key_text=isinstance(key, models.CharField | models.TextField),
        has_sequence=isinstance(key, models.AutoField),
    )


def unknown_tables() -> list[str]:
    """Return the tables beside ours that no model of this installation has: nothing of them is backed up."""
    known = {table.name for table in stored_tables()} | set(LEFT_OUT)
    with connection.cursor() as cursor:
        names = connection.introspection.get_table_list(cursor)
    return sorted(table.name for table in names if table.type in "tp" and table.name not in known)
