"""Every door through which a definition becomes a version lints it first: `publish_version` itself only compiles it."""

from __future__ import annotations

import pytest
from django.conf import settings

from accounts.preconditions import UnmetConditionsError
from catalog.contract import Authorship, LintSeverity, lint_definition
from catalog.models import Version
from demo.dictionary import EVENTS, LIBRARY
from tests.conventions.source_files import source_files
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory
from tracking.requests.models import Change, Request
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.steps.transitions import TRANSITIONS, Transition

TYPING_ERROR = definition(schema={"type": "object", "properties": {"coupon": {"type": "string", "maxlength": 20}}})

DOORS = {
    # How each lints, and which test below or elsewhere shows it.
    "benchmarks/growth/grown_catalog.py": "what is measured is made of definitions that importers read",
    "catalog/services/imports/baseline_import.py": "catalog.exchange tells what it finds as notes",
    "demo/seeding/demo_baseline.py": "what the demo defines has no error",
    "tracking/requests/workflow/effects/publication.py": "the steps whose effects publish have the guard",
}
WRITING = ("publish_version(", "Version.objects.create(", "Version.objects.bulk_create(")
PUBLISHING_EFFECTS = ("approve", "publish")


def test_there_is_no_other_door() -> None:
    calling = {
        str(path.relative_to(settings.BASE_DIR))
        for path in source_files()
        if any(
            word in path.read_text() for word in ("publish_version(", "Version.objects.create(", "Version.objects.bulk")
        )
    }
    assert calling - {"catalog/services/versions.py"} == set(DOORS), "say here how the new one lints"


def test_the_demo_defines_nothing_that_the_lint_refuses() -> None:
    errors = {
        entry.name: issues
        for entry in EVENTS
        if (issues := [i for i in lint_definition(entry.document(LIBRARY)) if i.severity is LintSeverity.ERROR])
    }
    assert errors == {} and EVENTS


def test_what_an_importer_brings_is_told_and_taken() -> None:
    (issue,) = lint_definition(TYPING_ERROR, authorship=Authorship.IMPORTER)
    assert (issue.code, issue.severity) == ("unknown_keyword", LintSeverity.NOTE)


@pytest.mark.parametrize(
    "row", [row for row in TRANSITIONS if row.effect in PUBLISHING_EFFECTS], ids=lambda row: row.label
)
def test_every_step_that_publishes_has_the_guard(row: Transition) -> None:
    assert "no_lint_errors" in row.guards


def test_what_has_become_an_error_since_it_was_submitted_is_not_approved(members, source) -> None:
    """As after an upgrade whose lint knows more: what was submitted is written as a person cannot write it any more."""
    lifecycle = RequestFactory.draft(members=members, sources=[source]).submit()
    Change.objects.update(definition=TYPING_ERROR)
    request = Request.objects.get(pk=lifecycle.request.pk)
    with pytest.raises(UnmetConditionsError) as caught:
        approve_request(request, by=members.analyst, comment="Fine.")
    assert [unmet.code for unmet in caught.value.unmet] == ["lint"] and not Version.objects.exists()
    step = next(step for step in available_steps(request, members.analyst) if step.to == "reviewed")
    assert "lint" not in [unmet.code for unmet in step.unmet]  # a page shows what was stored with the last edit
