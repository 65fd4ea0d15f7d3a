"""What was backed up is there again, to the last row, and goes on from there."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.models import HistoryEntry
from backup.archive.manifest import Manifest, TableEntry
from backup.dump import create_backup
from backup.tables.stored_tables import FILLED_BY_MIGRATIONS, LEFT_OUT, SENSITIVE, stored_tables
from catalog.models import Event, Tag, Version
from erasure.declarations import DECLARATIONS, ErasedBy
from tests.application_role import become_owner
from tests.backup.conftest import back_up, restore
from tests.backup.other_database import OtherDatabase, content
from tests.factories.catalog import EventFactory, TagFactory
from tests.factories.traffic import process_inbox
from tracking.traffic.models import InboxBatch

# A restore writes into history that it was.
WRITTEN_BY_RESTORE = {"accounts_historyentry"}

# Between them these have every type of column that there is: arrays, JSON, bytes, times, dates, UUIDs, texts.
FILLED = {
    *("accounts_apitoken", "accounts_historyentry", "catalog_version", "catalog_event_tags", "quality_finding"),
    *("requests_evidence", "requests_evidenceid", "requests_request", "requests_verification", "traffic_dedupkey"),
    *("traffic_hourlydistinctvalue", "traffic_inboxbatch", "traffic_quarantinedbatch", "traffic_rollup"),
    *("traffic_rollupdelta", "traffic_sample", "traffic_seenname"),
}


def stored_content() -> dict[str, tuple[int, str]]:
    return {name: found for name, found in content().items() if name not in LEFT_OUT}


def test_every_row_comes_back(installation: None, empty_installation: OtherDatabase, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    Client().force_login(HistoryEntry.objects.exclude(actor__username="system")[0].actor)
    before = stored_content()
    made = back_up(first)
    assert made.rows == sum(rows for rows, _ in before.values()) > 500
    assert {name for name in FILLED if not before[name][0]} == set()
    with empty_installation.connected():
        restored = restore(first)
        after = stored_content()
        entry = HistoryEntry.objects.latest("pk")
        again = back_up(second)
    assert restored == made
    assert {name for name in before if before[name] != after[name]} == WRITTEN_BY_RESTORE
    assert after["accounts_historyentry"][0] == before["accounts_historyentry"][0] + 1
    assert (entry.action, entry.subject_id, entry.evidence["rows"]) == ("restored", made.id, made.rows)
    # The second backup, of what was restored, is the first one again.
    assert {(table.name, table.next_id) for table in changed_tables(made, again)} == {
        ("accounts_historyentry", entry.pk + 1)
    }


def changed_tables(one: Manifest, other: Manifest) -> list[TableEntry]:
    return [new for old, new in zip(one.tables, other.tables, strict=True) if old != new]


def test_a_restored_installation_works_as_the_application(
    installation: None, empty_installation: OtherDatabase, tmp_path: Path
) -> None:
    InboxBatch.objects.update(lease="5f0c1b1e-7a35-4d0c-9d3c-0d6d9a3c1d11", leased_until="2100-01-01T00:00Z")
    back_up(tmp_path / "backup.zip")
    with empty_installation.connected():
        restore(tmp_path / "backup.zip")
    with empty_installation.connected(as_application=True):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            Version.objects.update(definition={})
        waiting = InboxBatch.objects.get()
        assert (waiting.lease, waiting.leased_until, waiting.lost_leases) == (None, None, 0)
        process_inbox()
        assert not InboxBatch.objects.filter(attempts=0).exists()
        event = EventFactory.create()
        found = Event.objects.extra(where=["search @@ plainto_tsquery('simple', %s)"], params=[event.name])
        assert event in found


def test_ids_of_deleted_rows_are_not_given_again(empty_installation: OtherDatabase, tmp_path: Path) -> None:
    deleted = TagFactory.create()
    highest = deleted.pk
    deleted.delete()
    back_up(tmp_path / "first.zip")
    with empty_installation.connected():
        restore(tmp_path / "first.zip")
        # What was restored and never written to is backed up in its turn.
        back_up(tmp_path / "second.zip")
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SET LOCAL signalbook.purge = on")
            cursor.execute("DELETE FROM accounts_historyentry; DELETE FROM accounts_user")
        restore(tmp_path / "second.zip")
        assert TagFactory.create().pk == highest + 1


def test_a_sequence_that_is_behind_its_rows_is_not_behind_afterwards(
    empty_installation: OtherDatabase, tmp_path: Path
) -> None:
    Tag.objects.create(pk=1_000_000, name="By hand", slug="by-hand")
    back_up(tmp_path / "backup.zip")
    with empty_installation.connected():
        restore(tmp_path / "backup.zip")
        assert TagFactory.create().pk == 1_000_001


def test_every_table_is_either_in_it_or_left_out_with_a_reason(owner_role: None) -> None:
    tables = {table.name: table for table in stored_tables()}
    assert set(content()) == set(tables) | set(LEFT_OUT)
    assert not set(tables) & set(LEFT_OUT)
    assert set(FILLED_BY_MIGRATIONS) <= set(tables)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, array_agg(attname::text) FROM pg_attribute"
            " JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = current_schema()::regnamespace"
            " AND relkind = 'r' AND attnum > 0 AND NOT attisdropped AND attgenerated = '' GROUP BY 1"
        )
        columns = {name: sorted(found) for name, found in cursor.fetchall() if name in tables}
    assert columns == {name: sorted(table.columns) for name, table in tables.items()}


def test_it_holds_neither_the_key_nor_who_is_signed_in(installation: None, tmp_path: Path) -> None:
    client = Client()
    client.force_login(HistoryEntry.objects.exclude(actor__username="system")[0].actor)
    back_up(tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert settings.SECRET_KEY.encode() not in everything
    assert str(client.session.session_key).encode() not in everything
    assert b"Nobody Defined This" in everything


def test_a_table_that_no_model_has_is_told(transactional_db: None, tmp_path: Path) -> None:
    lines: list[str] = []
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_somebody_else (id int)")
        cursor.execute("GRANT SELECT ON of_somebody_else TO PUBLIC")
    try:
        create_backup(tmp_path / "backup.zip", report=lines.append)
    finally:
        with become_owner(connection), connection.cursor() as cursor:
            cursor.execute("DROP TABLE of_somebody_else")
    assert [line for line in lines if "of_somebody_else" in line]


def test_what_a_subject_is_erased_from_is_told_as_sensitive() -> None:
    """Both ask where the data of users and devices lies; a table that one of them forgets, the other names."""
    labels = [label for label, what in DECLARATIONS.items() if isinstance(what, ErasedBy)]
    erased = {apps.get_model(label)._meta.db_table for label in labels}
    assert erased - set(SENSITIVE) == set()
    assert set(SENSITIVE) <= {table.name for table in stored_tables()}
