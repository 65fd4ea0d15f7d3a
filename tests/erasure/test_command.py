"""The command: who may run it, what it refuses, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.history import record
from accounts.models import HistoryEntry, User
from tests.erasure.traces import erase
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import post_batch, process_inbox, track_call
from tests.live_processes import ROOT, database_url, process_environment
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("id", ["a\x00b", "\ud800x", "x" * 10_000_000, "null", ""])
def test_an_id_that_cannot_be_is_refused_with_a_sentence(id: str) -> None:
    refused = erase(id)
    assert refused.code == 1
    assert refused.error.endswith((".", "?"))
    assert len(refused.error) < 200
    assert not HistoryEntry.objects.filter(subject_type="erasure").exists()


@pytest.mark.parametrize(
    "id", ["'; DROP TABLE traffic_sample; --", '"4711', "%s-4711", "\\4711", "{}-4711", "‮gnp", "x" * 9_999]
)
def test_an_id_of_hostile_characters_is_only_an_id(id: str) -> None:
    key = create_write_key(SourceFactory.create(), "staging")
    post_batch(key, track_call(userId=id), track_call(userId="somebody-else"))
    process_inbox()
    erased = erase(id)
    assert (erased.code, erased.error) == (0, "")
    assert [sample.event["user_id"] for sample in Sample.objects.all()] == ["somebody-else"]


def test_a_reason_may_hold_a_short_id_within_its_words() -> None:
    assert erase("a", reason="Asked in April").code == 0
    assert erase("12", reason="Ticket 12").code == 1


def test_a_reason_that_names_the_id_is_refused() -> None:
    refused = erase("u-4711", reason="U-4711 asked for it")
    assert (refused.code, refused.counts) == (1, {})
    assert "names the id" in refused.error


def test_the_application_may_not() -> None:
    with pytest.raises(CommandError, match="DATABASE_ROLE=owner"):
        call_command("erase_subject", "u-4711")
    assert not HistoryEntry.objects.filter(subject_type="erasure").exists()


def test_what_colleagues_wrote_is_told() -> None:
    SourceFactory.create(description="Seen first with u-4711.")
    record_as_system = {"by": User.objects.system(), "subject_type": "source", "subject_id": 1, "action": "edited"}
    with transaction.atomic():
        record(**record_as_system, evidence={"name": 'the "u-4711"'})
    told = erase("u-4711")
    assert told.code == 0
    assert "1  catalog_source.description" in told.output
    assert "1  accounts_historyentry.evidence" in told.output
    assert "1  accounts_historyentry.evidence" in erase('the "u-4711"').output
    assert "catalog_source.description" not in erase("u-4712").output


def test_a_short_id_is_looked_for_where_ids_stand() -> None:
    key = create_write_key(SourceFactory.create(), "staging")
    post_batch(key, track_call(userId=42), track_call(userId="7", properties={"total": 42, "size": "42"}))
    process_inbox()
    erased = erase("42")
    assert "only where ids stand" in erased.output
    assert [sample.event["user_id"] for sample in Sample.objects.all()] == ["7"]


def test_manage_runs_it_as_the_owner(tmp_path: Path) -> None:
    """The whole way: `manage.py` takes the owner's address by itself, and the exit code says how it ended."""
    key = create_write_key(SourceFactory.create(), "staging")
    post_batch(key, track_call(userId="-u-4711"))
    environment = process_environment(tmp_path, {"OWNER_DATABASE_URL": database_url()})

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "erase_subject", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    first, second, refused = run("--", "-u-4711"), run("--", "-u-4711"), run("null")
    assert (first.returncode, second.returncode, refused.returncode) == (0, 0, 1), first.stderr + second.stderr
    assert "1  events that waited to be checked" in first.stdout
    assert "Nothing found." in second.stdout
    assert "names nobody" in refused.stderr and "Traceback" not in refused.stderr
    assert os.fsencode("-u-4711") not in os.fsencode(first.stdout)
