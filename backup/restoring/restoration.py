"""Restores a backup into an empty installation, and verifies it before anybody sees a row."""

from pathlib import Path

from django.db import Error, OperationalError, connection, transaction
from psycopg import sql

from accounts.history import record
from accounts.models import User
from backup.archive.backup_reader import BackupReader, open_backup
from backup.archive.manifest import Manifest, TableEntry
from backup.archive.table_digest import TableDigest
from backup.backup_errors import BackupError
from backup.restoring.restore_preconditions import (
    require_empty,
    require_owner,
    require_same_migrations,
    require_same_tables,
)
from backup.row_progress import Report, RowProgress
from backup.tables.sequences import restart_ids
from backup.tables.stored_tables import FILLED_BY_MIGRATIONS, StoredTable, stored_tables
from backup.tables.table_copy import append_rows, read_rows, write_alike_everywhere
from backup.verification.file_check import check_file
from pages.terminal_text import printable
from tracking.traffic.check.inbox_queue import release_all_leases

LOCK_TIMEOUT = "10s"


def restore_backup(path: Path, *, report: Report) -> Manifest:
    """Fill the empty installation from a backup, and return its manifest.

    The file is read to its end before the first row is written. All is one transaction: the rows are written, the
    database checks their references, and they are read back and compared with the manifest. Where anything fails, or
    the process is killed, the installation stays empty. History gets an entry.

    Raises BackupError, whatever the file.
    """
    with open_backup(path) as backup:
        tables = {table.name: table for table in stored_tables()}
        require_same_migrations(backup.manifest)
        require_same_tables(backup.manifest, list(tables.values()))
        require_owner(list(tables.values()))
        require_empty(list(tables.values()))
        report("Reading the file")
        check_file(backup, report=report)
        try:
            _restore(backup, tables, report)
        except Error as error:
            words = printable(" ".join(str(error).split()))
            raise BackupError(f"The database did not take what the backup holds: {words}") from error
        return backup.manifest


@transaction.atomic(durable=True)
def _restore(backup: BackupReader, tables: dict[str, StoredTable], report: Report) -> None:
    _lock(list(tables.values()))
    require_empty(list(tables.values()))
    write_alike_everywhere()
    report("Writing the rows")
    progress = RowProgress(report, "Written")
    for name in FILLED_BY_MIGRATIONS:
        _empty(tables[name])
    for entry in backup.manifest.tables:
        append_rows(tables[entry.name], entry.columns, progress.watch(entry.name, backup.blocks(entry)))
        restart_ids(tables[entry.name], entry.next_id)
    report("Checking that every row's references are there")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    report("Reading the rows back")
    progress = RowProgress(report, "Read back")
    for entry in backup.manifest.tables:
        _require_restored(entry, tables[entry.name], progress)
    release_all_leases()
    _record_restore(backup.manifest)


def _lock(tables: list[StoredTable]) -> None:
    """Keep everybody else from the tables until they are full."""
    names = sql.SQL(", ").join(table.identifier for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
        except OperationalError as error:
            raise BackupError(
                "Somebody works in this database. Stop the web servers and the workers, and restore again."
            ) from error


def _empty(table: StoredTable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(table.identifier))


def _require_restored(entry: TableEntry, table: StoredTable, progress: RowProgress) -> None:
    """Raise BackupError where the table does not hold the rows that were backed up."""
    digest = TableDigest()
    in_order = StoredTable(table.name, entry.columns, table.key, table.is_key_text, table.has_sequence)
    for block in progress.watch(table.name, read_rows(in_order)):
        digest.add(block)
    if not entry.is_of(digest):
        raise BackupError(
            f"What the database holds of {table.name} is not what was backed up: {digest.rows:,} of {entry.rows:,} "
            "rows, and their checksum is another. Nothing was restored."
        )


def _record_restore(manifest: Manifest) -> None:
    record(
        by=User.objects.system(),
        subject_type="backup",
        subject_id=manifest.id,
        action="restored",
        message=f"What happened after {manifest.created_at:%Y-%m-%d %H:%M:%S} UTC is not here.",
        evidence={"created_at": manifest.created_at.isoformat(), "rows": manifest.rows},
    )
