"""The task that carries out an import: what it leaves behind where something breaks."""

from unittest.mock import patch

import pytest

from accounts.models import User
from catalog.choices import ImportState
from catalog.services.imports.import_runs import start_import
from tracking.requests.tasks import run_import_task

PLAN = b'{"rules": [{"key": "Signed Up", "type": "TRACK", "version": 1, "jsonSchema": {"type": "object"}}]}'


@pytest.mark.django_db
def test_a_fault_of_ours_ends_the_run_with_a_word() -> None:
    run = start_import(format="segment", file_name="a.json", content=PLAN, by=User.objects.system(), is_dry_run=True)
    with patch("tracking.requests.tasks.run_import", side_effect=ZeroDivisionError), pytest.raises(ZeroDivisionError):
        run_import_task(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.FAILED
    assert "reason of ours" in run.error


@pytest.mark.django_db
def test_a_run_that_is_gone_is_no_fault() -> None:
    run_import_task(0)


@pytest.mark.django_db
def test_a_dry_run_says_what_it_would_do() -> None:
    run = start_import(format="segment", file_name="a.json", content=PLAN, by=User.objects.system(), is_dry_run=True)
    run_import_task(run.pk)
    run.refresh_from_db()
    assert run.state == ImportState.DONE
