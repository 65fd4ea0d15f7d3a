"""What is not restored, with a sentence that says why; nothing is written then."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from backup.archive.backup_reader import open_backup
from backup.archive.manifest import Manifest
from backup.backup_errors import BackupError
from tests.backup.changed_backups import EditableBackup
from tests.backup.conftest import back_up, restore
from tests.backup.other_database import OtherDatabase, content
from tests.factories.catalog import TagFactory

NEWEST = "0012_rates_of_sources"
"""A migration of the catalog that no other one rests on."""

Change = Callable[[EditableBackup], object]


@pytest.fixture
def tags(empty_installation: OtherDatabase, tmp_path: Path) -> Path:
    """A backup of an installation with three tags."""
    for _ in range(3):
        TagFactory.create()
    back_up(tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


@pytest.fixture
def changed(tags: Path, tmp_path: Path) -> Callable[[Change], Path]:
    """A function from a change to the backup that somebody made of it."""

    def write(change: Change) -> Path:
        editable = EditableBackup(tags)
        change(editable)
        return editable.write(tmp_path / "changed.zip")

    return write


def refusal(file: Path, into: OtherDatabase) -> str:
    """Return what a restore says that is refused. Fails where it is not, or where anything is written."""
    with into.connected():
        before = content()
        with pytest.raises(BackupError) as refused:
            restore(file)
        assert content() == before
    return str(refused.value)


def assert_refused(file: Path, into: OtherDatabase, says: str) -> None:
    assert re.search(says, refusal(file, into))


def test_an_installation_that_is_not_empty(tags: Path, empty_installation: OtherDatabase) -> None:
    with empty_installation.connected():
        TagFactory.create()
    assert_refused(tags, empty_installation, "not empty: there are rows in catalog_tag. ")


def test_a_second_time(tags: Path, empty_installation: OtherDatabase) -> None:
    with empty_installation.connected():
        restore(tags)
    assert_refused(tags, empty_installation, "not empty: there are rows in accounts_historyentry, accounts_user, cat")


def test_by_the_application(tags: Path, empty_installation: OtherDatabase) -> None:
    with empty_installation.connected(as_application=True), pytest.raises(BackupError, match="DATABASE_ROLE=owner"):
        restore(tags)


def test_while_somebody_works_there(
    tags: Path, empty_installation: OtherDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backup.restoring.restoration.LOCK_TIMEOUT", "200ms")
    with psycopg.connect(empty_installation.owner_url) as other:
        other.execute("INSERT INTO catalog_tag (name, slug) VALUES ('x', 'x')")
        assert_refused(tags, empty_installation, "Stop the web servers and the workers")


def test_a_newer_database(tags: Path, changed: Callable[[Change], Path], empty_installation: OtherDatabase) -> None:
    file = changed(lambda backup: backup.manifest["migrations"].remove({"app": "catalog", "name": NEWEST}))
    assert_refused(file, empty_installation, rf"newer than the backup, by catalog.{NEWEST}\. Check out the release")


def test_an_older_release(tags: Path, changed: Callable[[Change], Path], empty_installation: OtherDatabase) -> None:
    file = changed(lambda backup: backup.manifest["migrations"].append({"app": "catalog", "name": "9999_later"}))
    assert_refused(file, empty_installation, r"of Signalbook 0.* release lacks its migrations: catalog.9999_later\.")


def test_an_installation_that_is_not_migrated(tags: Path, empty_installation: OtherDatabase) -> None:
    with empty_installation.connected():
        MigrationRecorder(connection).record_unapplied("catalog", NEWEST)
    assert_refused(tags, empty_installation, rf"lacks .*: catalog.{NEWEST}\. Run manage.py migrate")


def test_a_file_that_was_cut_off(tags: Path, empty_installation: OtherDatabase) -> None:
    whole = tags.read_bytes()
    for kept in (0, 1, 100, len(whole) // 2, len(whole) - 100, len(whole) - 1):
        tags.write_bytes(whole[:kept])
        assert_refused(tags, empty_installation, "no backup, or only the beginning")


def test_a_changed_byte_is_found_or_changes_nothing(tags: Path) -> None:
    """Some bytes say nothing, such as the time of a member; no other one may change a row."""
    whole = tags.read_bytes()
    before = everything_in(tags)
    found = 0
    for place in range(0, len(whole), 61):
        tags.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        try:
            assert everything_in(tags) == before, place
        except BackupError:
            found += 1
    assert found > 100


def everything_in(file: Path) -> tuple[Manifest, list[bytes]]:
    with open_backup(file) as backup:
        return backup.manifest, [b"".join(backup.blocks(table)) for table in backup.manifest.tables]


def test_what_is_no_backup(tags: Path, empty_installation: OtherDatabase, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert_refused(other, empty_installation, "it has no manifest")
    assert_refused(tmp_path / "none.zip", empty_installation, "cannot be read: No such file")
    assert_refused(tmp_path, empty_installation, "cannot be read: Is a directory")


CHANGES: dict[str, tuple[Change, str]] = {
    "a newer format": (
        lambda backup: backup.manifest.update(format=2, more=1),
        "has format 2, and this release reads formats up to 1",
    ),
    "another kind": (lambda backup: backup.manifest.update(kind="x"), "no backup of Signalbook"),
    "an unknown word": (lambda backup: backup.manifest.update(more=1), "manifest .* cannot be read: .*more"),
    "a manifest of nonsense": (lambda backup: backup.manifest.update(tables=7), "manifest .* cannot be read"),
    "a line that a terminal obeys": (
        lambda backup: backup.manifest.update(postgresql="18\x1b]0;x\x07"),
        "manifest .* cannot be read",
    ),
    "a value that a terminal obeys": (
        lambda backup: backup.replace_rows("catalog_tag", lambda rows: b"\x1b[31m" + rows),
        "type bigint: .\N{REPLACEMENT CHARACTER}.31m",
    ),
    "a negative count": (lambda backup: backup.table("catalog_tag").update(rows=-1), "manifest .* cannot be read"),
    "rows that are missing": (
        lambda backup: backup.members.update({"tables/catalog_tag.copy": b""}),
        "rows of catalog_tag are not those .* 0 of 3 rows",
    ),
    "rows without end": (
        lambda backup: backup.members.update({"tables/catalog_tag.copy": b"1\tx\tx\n" * 9_000_000}),
        "rows of catalog_tag are more than the manifest says",
    ),
    "a table that is missing": (
        lambda backup: backup.members.pop("tables/catalog_tag.copy"),
        "not what its manifest says: 'tables/catalog_tag.copy'",
    ),
    "a path out of the archive": (
        lambda backup: backup.members.update({"../../etc/cron.d/x": b"x"}),
        r"not what its manifest says: '../../etc/cron.d/x'",
    ),
    "a table whose name is a path": (
        lambda backup: backup.rename("catalog_tag", "../../etc/passwd"),
        "manifest .* cannot be read",
    ),
    "a table whose name is SQL": (
        lambda backup: backup.rename("catalog_tag", 'x"; DROP TABLE accounts_user; --'),
        "manifest .* cannot be read",
    ),
    "a table of the server": (
        lambda backup: backup.rename("catalog_tag", "pg_authid"),
        "same tables: catalog_tag, pg",
    ),
    "a table that is left out": (
        lambda backup: backup.rename("catalog_tag", "django_migrations"),
        "same tables: catalog_tag, django_migrations",
    ),
    "a table twice": (
        lambda backup: backup.manifest["tables"].append(backup.table("catalog_tag")),
        "names a table twice",
    ),
    "a column that is not there": (
        lambda backup: backup.table("catalog_tag").update(columns=["id", "name", "slogan"]),
        "same columns in catalog_tag",
    ),
    "a generated column": (
        lambda backup: backup.table("catalog_event")["columns"].append("search"),
        "same columns in catalog_event",
    ),
    "a value of another type": (
        lambda backup: backup.replace_rows("catalog_tag", lambda rows: b"x" + rows),
        "did not take .* invalid input syntax for type bigint",
    ),
    "a row twice": (
        lambda backup: backup.replace_rows("catalog_tag", lambda rows: rows + rows),
        "did not take .* duplicate key",
    ),
    "a reference to nothing": (
        lambda backup: backup.replace_rows("catalog_event_tags", lambda rows: b"1\t1\t1\n"),
        "did not take .* foreign key constraint",
    ),
    "values that are other ones afterwards": (
        lambda backup: backup.replace_rows("catalog_tag", lambda rows: b"0" + rows),
        "of catalog_tag is not what was backed up: 3 of 3 rows",
    ),
}


def test_what_somebody_made(changed: Callable[[Change], Path], empty_installation: OtherDatabase) -> None:
    sentences = {name: refusal(changed(change), empty_installation) for name, (change, _) in CHANGES.items()}
    assert {name: said for name, said in sentences.items() if not re.search(CHANGES[name][1], said)} == {}


def test_columns_in_another_order_are_no_others(
    changed: Callable[[Change], Path], empty_installation: OtherDatabase
) -> None:
    def swap(backup: EditableBackup) -> None:
        columns = backup.table("catalog_tag")["columns"]
        columns.reverse()
        backup.replace_rows(
            "catalog_tag",
            lambda rows: b"".join(b"\t".join(row.split(b"\t")[::-1]) + b"\n" for row in rows.splitlines()),
        )

    before = content()["catalog_tag"]
    with empty_installation.connected():
        restore(changed(swap))
        assert content()["catalog_tag"] == before
