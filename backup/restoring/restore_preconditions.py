"""What must hold before a backup is restored. Each raises BackupError with what is wrong and what to do."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from backup.archive.manifest import Manifest, Migration
from backup.backup_errors import BackupError
from backup.dump import applied_migrations
from backup.release import Release
from backup.tables.stored_tables import FILLED_BY_MIGRATIONS, StoredTable

MAX_NAMED = 5
NOT_OURS = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%s) AND NOT pg_has_role(relowner, 'USAGE')
ORDER BY relname
"""


def require_owner(tables: Sequence[StoredTable]) -> None:
    """The tables belong to this database role."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_OURS, [[table.name for table in tables]])
        if cursor.fetchall():
            raise BackupError(
                "Only the owner of the tables restores a backup, and this process is not the owner. Run the command "
                "with DATABASE_ROLE=owner and OWNER_DATABASE_URL."
            )


def require_same_migrations(manifest: Manifest) -> None:
    """The database is as migrated as the one that was backed up, no less and no more."""
    here, there = set(applied_migrations()), set(manifest.migrations)
    if here == there:
        return
    release = Release(manifest.signalbook, manifest.commit)
    missing, more = sorted(there - here), sorted(here - there)
    if not here:
        raise BackupError("This database has no tables yet. Run manage.py migrate, and restore again.")
    if missing and not more and _are_known(missing):
        raise BackupError(
            f"This database lacks migrations that the backup has: {_some(missing)}. Run manage.py migrate, and restore "
            "again."
        )
    if more and not missing:
        raise BackupError(
            f"This database is newer than the backup, by {_some(more)}. Check out the release of the backup, "
            f"Signalbook {release}, run its manage.py migrate on a new database, restore there, and then migrate with "
            "this release."
        )
    raise BackupError(
        f"The backup is of Signalbook {release}, and this release lacks its migrations: {_some(missing)}. Check that "
        "release out, run its manage.py migrate on a new database, and restore there."
    )


def require_same_tables(manifest: Manifest, tables: Sequence[StoredTable]) -> None:
    """The backup holds the tables of this installation with their columns, and nothing else is ever written."""
    ours = {table.name: set(table.columns) for table in tables}
    theirs = {table.name: table.columns for table in manifest.tables}
    if odd := sorted(set(ours) ^ set(theirs)):
        raise BackupError(f"The backup and this installation do not have the same tables: {_some(odd)}.")
    if odd := sorted(name for name, columns in theirs.items() if sorted(columns) != sorted(ours[name])):
        raise BackupError(f"The backup and this installation do not have the same columns in {_some(odd)}.")


def require_empty(tables: Sequence[StoredTable]) -> None:
    """The installation holds nothing but what its migrations write."""
    asked = [table for table in tables if table.name not in FILLED_BY_MIGRATIONS]
    question = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table.name), table.identifier)
        for table in asked
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        filled = sorted(name for (name,) in cursor.fetchall())
    if filled:
        raise BackupError(
            f"This installation is not empty: there are rows in {_some(filled)}. A backup is restored into a new "
            "database, on which nothing but manage.py migrate has run."
        )


def _are_known(migrations: Iterable[Migration]) -> bool:
    known = MigrationLoader(connection).disk_migrations
    return all((migration.app, migration.name) in known for migration in migrations)


def _some(things: Sequence[object]) -> str:
    named = ", ".join(str(thing) for thing in things[:MAX_NAMED])
    return f"{named} and {len(things) - MAX_NAMED} more" if len(things) > MAX_NAMED else named
