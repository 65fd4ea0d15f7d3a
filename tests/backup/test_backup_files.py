"""The new file: for its owner alone, whole or not there at all; and what the commands say."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backup.archive.private_file import new_private_file
from backup.backup_errors import BackupError
from backup.dump import create_backup
from backup.key_fingerprint import has_fingerprint, key_fingerprint
from backup.verification.sample_recheck import recheck_samples
from catalog.resolution import contract_cache
from tests.application_role import become_owner
from tests.backup.conftest import back_up
from tests.backup.other_database import OtherDatabase
from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.ingestion import INVALID_PAYLOAD, VALID_PAYLOAD, ingest
from tests.live_processes import ROOT, application_database, database_url, wait_for
from tracking.traffic.models import Sample

WAITS_FOR_A_TABLE = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'catalog_tag'::regclass AND NOT granted)"


def test_a_folder_gets_a_file_with_the_date(
    transactional_db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", str(tmp_path))
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("signalbook-20") and file.suffix == ".zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    call_command("backup", "--verify", str(file))
    said = capsys.readouterr().out
    assert f"{file} is whole." in said
    assert said.count("Not in it: SECRET_KEY.") == 2


def test_nothing_is_overwritten(transactional_db: None, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(file))
    (tmp_path / "link.zip").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(tmp_path / "link.zip"))
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("backup", str(tmp_path / "none" / "backup.zip"))
    assert file.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "link.zip"]


def test_what_somebody_else_put_there_meanwhile_stays(tmp_path: Path) -> None:
    target = tmp_path / "backup.zip"
    with pytest.raises(BackupError, match="is there already"), new_private_file(target) as file:
        file.write(b"ours")
        target.write_bytes(b"theirs")
    assert target.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("limit", [0, 3_000, 12_000])
def test_a_disk_that_is_full_leaves_no_file(transactional_db: None, tmp_path: Path, limit: int) -> None:
    """The file may grow to no more than `limit` bytes: at its beginning, within the tables, before its end."""
    command = [sys.executable, "manage.py", "backup", str(tmp_path / "backup.zip")]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.testing", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | application_database(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "CommandError: The backup cannot be written: File too large. Nothing of it was kept." in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_migration_under_way_is_waited_for_and_not_for_ever(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backup.dump.LOCK_TIMEOUT", "200ms")
    with psycopg.connect(database_url()) as migration:
        migration.execute("ALTER TABLE catalog_tag ADD COLUMN later int")
        with pytest.raises(BackupError, match="A migration or a restore may be under way"):
            back_up(tmp_path / "backup.zip")
        migration.rollback()
    assert list(tmp_path.iterdir()) == []


def test_its_moment_is_that_of_its_rows_and_not_when_it_began_to_wait(transactional_db: None, tmp_path: Path) -> None:
    """What was erased after that moment is erased again after a restore, and no more."""

    def backed_up_at() -> datetime:
        try:
            return create_backup(tmp_path / "backup.zip", report=str).created_at
        finally:
            connection.close()

    with psycopg.connect(database_url()) as migration, ThreadPoolExecutor(1) as pool:
        migration.execute("LOCK TABLE catalog_tag IN ACCESS EXCLUSIVE MODE")
        moment = pool.submit(backed_up_at)
        wait_for(lambda: migration.execute(WAITS_FOR_A_TABLE).fetchone() == (True,), what="the backup to wait")
        row = migration.execute("SELECT clock_timestamp()").fetchone()
        migration.commit()
        assert row is not None and moment.result(timeout=30) > row[0]


def test_a_restore_checks_events_again_and_warns_of_another_key(
    empty_installation: OtherDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: Any,
) -> None:
    source = SourceFactory.create()
    event = EventFactory.create(sources=[source], is_live=True)
    ingest(source, event.name, [VALID_PAYLOAD, INVALID_PAYLOAD, VALID_PAYLOAD], environment="staging")
    ingest(source, "Nobody Defined This", [VALID_PAYLOAD], environment="staging")
    wrong = Sample.objects.filter(verdict="conforming").latest("pk")
    wrong.event["properties"]["total"] = "a lot"
    wrong.save()
    file = str(tmp_path / "backup.zip")
    call_command("backup", file)
    settings.SECRET_KEY = "y" * 50
    capsys.readouterr()
    with empty_installation.connected():
        call_command("restore", file)
    said = capsys.readouterr()
    assert "Checked 3 kept events again: 2 have the same verdict, 1 another, of 0 a mask hides it." in said.out
    assert f"sample {wrong.pk}: {event.name} 1.0.0 from {source.slug} was conforming, and is nonconforming" in said.out
    assert "SECRET_KEY here is not the one" in said.err


def test_a_definition_that_is_invalid_by_now_is_told(db: None) -> None:
    source = SourceFactory.create()
    event = EventFactory.create(sources=[source], is_live=True)
    ingest(source, event.name, [VALID_PAYLOAD], environment="staging")
    assert recheck_samples().same == 1
    contract_cache._compile_cached.cache_clear()
    with become_owner(connection), connection.cursor() as cursor:
        cursor.execute("SET LOCAL signalbook.purge = on")
        cursor.execute("UPDATE catalog_version SET definition = '{}'")
    (changed,) = recheck_samples().changed
    assert str(changed).endswith("was conforming, and is unchecked")


def test_what_a_mask_hides_or_a_rule_of_events_found_is_no_other_verdict(db: None) -> None:
    source = SourceFactory.create()
    event = EventFactory.create(sources=[source], is_live=True)
    ingest(source, event.name, [VALID_PAYLOAD])
    ingest(source, event.name, [VALID_PAYLOAD | {"api_key": "sk_live_4eC39HqLyjWDarjtT1zdp7dc"}], environment="staging")
    verdicts = set(Sample.objects.values_list("environment", "verdict"))
    assert verdicts == {("production", "conforming"), ("staging", "nonconforming")}
    recheck = recheck_samples()
    assert (recheck.hidden, recheck.changed) == (2, [])


def test_what_rules_of_events_found_is_left_out_of_a_verdict_that_no_mask_hides(db: None) -> None:
    source = SourceFactory.create()
    event = EventFactory.create(sources=[source], is_live=True)
    ingest(source, event.name, [VALID_PAYLOAD], environment="staging")
    violation = {"path": "/properties/total", "rule": "sensitive", "severity": "error", "expected": "", "came": ""}
    Sample.objects.update(verdict="nonconforming", violations=[violation])
    recheck = recheck_samples()
    assert (recheck.same, recheck.hidden, recheck.changed) == (1, 0, [])


def test_the_same_key_is_no_warning(
    empty_installation: OtherDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", str(tmp_path / "backup.zip"))
    with empty_installation.connected():
        call_command("restore", str(tmp_path / "backup.zip"))
    said = capsys.readouterr()
    assert "There is no event to check again." in said.out
    assert said.err == ""


def test_fingerprints_of_one_key_differ_from_backup_to_backup() -> None:
    one, other = key_fingerprint("secret", "a"), key_fingerprint("secret", "b")
    assert one != other
    assert has_fingerprint("secret", "a", one)
    assert not has_fingerprint("secret", "a", other)
    assert not has_fingerprint("another secret", "a", one)
