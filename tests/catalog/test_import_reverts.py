"""Taking back an import while another import, or another person taking it back, is at work."""

import pytest

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditionsError
from catalog.models import Version
from catalog.services.imports.import_runs import revert_import, run_baseline_import, start_import
from tests.catalog.test_imports import imported, plan_of, rule
from tests.concurrency import run_behind
from tests.factories.catalog import analyst

pytestmark = pytest.mark.django_db(transaction=True)


def reverts(run):
    return HistoryEntry.objects.for_subject("import", run.pk).filter(action="taken back").count()


def test_an_import_waits_for_one_that_is_taken_back():
    by = analyst()
    plan = plan_of(rule(), rule("Signed Up"))
    first = imported(*plan, by=by)
    upload = {"format": plan[0], "file_name": plan[1], "content": plan[2]}
    second = start_import(**upload, is_dry_run=False, is_baseline=True, by=by)
    _, run = run_behind(
        lambda: revert_import(first, by=by, message="Wrong plan"),
        lambda: run_baseline_import(second),
    )
    # Without the wait it would find the versions that are about to go, and leave the catalog without any.
    assert (run.counts["created"], run.counts["unchanged"]) == (2, 0)
    assert Version.objects.active().count() == 2


def test_of_two_who_take_an_import_back_at_once_one_does():
    by = analyst()
    run = imported(*plan_of(rule(), rule("Signed Up")), by=by)
    withdrawn = run_behind(
        lambda: revert_import(run, by=by, message="Wrong plan"),
        lambda: revert_import(run, by=by, message="Wrong plan, I think"),
    )
    assert withdrawn == (2, 0)
    assert reverts(run) == 1


def test_an_import_that_has_not_ended_is_not_taken_back():
    by = analyst()
    plan = plan_of(rule())
    run = start_import(format=plan[0], file_name=plan[1], content=plan[2], is_dry_run=False, is_baseline=True, by=by)
    with pytest.raises(UnmetConditionsError, match="has not ended"):
        revert_import(run, by=by, message="Too early")
    run_baseline_import(run)
    assert revert_import(run, by=by, message="Now") == 1
    assert reverts(run) == 1
