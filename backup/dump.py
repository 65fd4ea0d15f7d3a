"""Makes a backup: every row of an installation as it was at one moment, while it goes on working."""

import time
import uuid
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from backup.archive.backup_writer import BackupWriter
from backup.archive.manifest import FORMAT, KIND, Manifest, Migration, SensitiveRows, TableEntry
from backup.archive.private_file import new_private_file
from backup.backup_errors import BackupError
from backup.key_fingerprint import key_fingerprint
from backup.release import installed_release
from backup.row_progress import Report, RowProgress
from backup.tables.sequences import next_id
from backup.tables.stored_tables import LEFT_OUT, SENSITIVE, StoredTable, stored_tables, unknown_tables
from backup.tables.table_copy import read_rows, write_alike_everywhere

LOCK_TIMEOUT = "30s"


def create_backup(path: Path, *, report: Report) -> Manifest:
    """Write a backup of the installation to a new file and return its manifest.

    Readers and writers go on meanwhile; a migration waits. Nobody but this account may read the file, and where
    anything goes wrong there is none. Raises BackupError and OSError.
    """
    with new_private_file(path) as file, BackupWriter(file) as writer:
        return _write(writer, report)


@transaction.atomic(durable=True)
def _write(writer: BackupWriter, report: Report) -> Manifest:
    began = time.monotonic()
    tables = stored_tables()
    created_at, postgresql = _take_snapshot(tables)
    write_alike_everywhere()
    for name in unknown_tables():
        report(f"Not in the backup, since no model has it: the table {name}")
    progress = RowProgress(report, "Written")
    entries = tuple(_write_table(writer, table, progress) for table in tables)
    backup_id = uuid.uuid4().hex
    release = installed_release(settings.BASE_DIR)
    manifest = Manifest(
        kind=KIND,
        format=FORMAT,
        id=backup_id,
        created_at=created_at,
        seconds=round(time.monotonic() - began, 3),
        signalbook=release.version,
        commit=release.commit,
        postgresql=postgresql,
        key_fingerprint=key_fingerprint(settings.SECRET_KEY, backup_id),
        migrations=applied_migrations(),
        tables=entries,
        left_out=LEFT_OUT,
        sensitive=tuple(
            SensitiveRows(entry.name, entry.rows, SENSITIVE[entry.name])
            for entry in entries
            if entry.rows and entry.name in SENSITIVE
        ),
    )
    writer.write_manifest(manifest)
    return manifest


def applied_migrations() -> tuple[Migration, ...]:
    """Return the migrations that ran on the database, sorted."""
    return tuple(sorted(Migration(app, name) for app, name in MigrationRecorder(connection).applied_migrations()))


def _take_snapshot(tables: list[StoredTable]) -> tuple[datetime, str]:
    """Let all that follows read the same moment. Return when that is, and the server's version."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        # Before the first query, with which the moment begins: no migration comes between it and a table's turn.
        names = sql.SQL(", ").join(table.identifier for table in tables)
        try:
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
        except OperationalError as error:
            raise BackupError(
                f"The tables cannot be read: {error}. A migration or a restore may be under way; try again after it."
            ) from error
        # When the transaction began it may have had to wait for a migration first.
        cursor.execute("SELECT statement_timestamp(), current_setting('server_version')")
        created_at, postgresql = cursor.fetchone()
        return created_at, postgresql


def _write_table(writer: BackupWriter, table: StoredTable, progress: RowProgress) -> TableEntry:
    with writer.new_table(table.name) as member:
        for block in progress.watch(table.name, read_rows(table)):
            member.write(block)
        digest = member.digest
    # Sequences know no moment. Asked after the rows were read, it is past all ids among them.
    return TableEntry(table.name, table.columns, digest.rows, digest.size, digest.sha256, next_id(table))
