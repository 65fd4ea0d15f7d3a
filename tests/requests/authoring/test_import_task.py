"""The task that carries out an import: what it leaves behind where something breaks."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from catalog.choices import ImportState
from catalog.models import ImportRun
from catalog.services.imports.import_runs import CUT_OFF_MESSAGE, IMPORT_LOCK_ID, LOST_MESSAGE, start_import
from tracking.requests.authoring.import_requests import IMPORT_FAILURE_MESSAGE
from tracking.requests.tasks import fail_abandoned_imports_task, run_import_task

PLAN = b'{"rules": [{"key": "Signed Up", "type": "TRACK", "version": 1, "jsonSchema": {"type": "object"}}]}'


@pytest.mark.django_db
def test_a_fault_of_ours_ends_the_run_with_a_word() -> None:
    run = start_import(format="segment", file_name="a.json", content=PLAN, by=User.objects.system(), is_dry_run=True)
    with (
        patch("tracking.requests.authoring.import_requests.run_baseline_import", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        run_import_task(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.FAILED
    assert "reason of ours" in run.error


@pytest.mark.django_db
@pytest.mark.parametrize("options", [("--dry-run",), ("--baseline",), ()])
def test_the_command_ends_the_run_with_the_same_word(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(PLAN)
    with (
        patch("catalog.services.imports.import_runs.plan_import", side_effect=RecursionError),
        patch("tracking.requests.authoring.import_requests.plan_import", side_effect=RecursionError),
        pytest.raises(CommandError, match="reason of ours"),
    ):
        call_command("import_definitions", str(path), *options)
    run = ImportRun.objects.get()
    assert (run.state, run.error) == (ImportState.FAILED, IMPORT_FAILURE_MESSAGE)
    assert run.finished_at is not None


@pytest.mark.django_db
def test_a_command_that_was_interrupted_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(PLAN)
    with (
        patch("catalog.services.imports.import_runs.plan_import", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        call_command("import_definitions", str(path), "--baseline")
    assert (ImportRun.objects.get().state, ImportRun.objects.get().error) == (ImportState.FAILED, CUT_OFF_MESSAGE)


def start(**fields: Any) -> ImportRun:
    run = start_import(format="segment", file_name="a.json", content=PLAN, by=User.objects.system(), is_dry_run=True)
    ImportRun.objects.filter(pk=run.pk).update(**fields)
    return run


@pytest.mark.django_db
def test_runs_that_no_process_works_on_any_more_are_failed() -> None:
    long_ago = timezone.now() - timedelta(days=2)
    cut_off, second = start(state=ImportState.RUNNING), start(state=ImportState.RUNNING)
    lost, waiting = start(created_at=long_ago), start()
    done = start(state=ImportState.DONE, created_at=long_ago)

    assert fail_abandoned_imports_task() == 3
    assert fail_abandoned_imports_task() == 0

    for run, state, error in (
        (cut_off, ImportState.FAILED, CUT_OFF_MESSAGE),
        (second, ImportState.FAILED, CUT_OFF_MESSAGE),
        (lost, ImportState.FAILED, LOST_MESSAGE),
        (waiting, ImportState.WAITING, ""),
        (done, ImportState.DONE, ""),
    ):
        run.refresh_from_db()
        assert (run.state, run.error) == (state, error)
    run_import_task(cut_off.pk)
    cut_off.refresh_from_db()
    assert cut_off.state == ImportState.FAILED


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_at_work_is_left_alone_until_its_process_is_killed() -> None:
    run = start(state=ImportState.RUNNING)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [IMPORT_LOCK_ID])
    try:
        assert fail_abandoned_imports_task() == 0
        run.refresh_from_db()
        assert run.state == ImportState.RUNNING
    finally:
        other.close()  # what a killed process leaves: its connection ends, and with it the lock
    for _ in range(50):
        if fail_abandoned_imports_task():
            break
        time.sleep(0.1)
    run.refresh_from_db()
    assert run.state == ImportState.FAILED


@pytest.mark.django_db
def test_a_run_that_is_gone_is_no_fault() -> None:
    run_import_task(0)


@pytest.mark.django_db
def test_a_dry_run_says_what_it_would_do() -> None:
    run = start_import(format="segment", file_name="a.json", content=PLAN, by=User.objects.system(), is_dry_run=True)
    run_import_task(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.DONE
