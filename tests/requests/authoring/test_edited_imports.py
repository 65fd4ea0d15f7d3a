"""Drafts that an import began and people edit: what was brought stays a note, what a person writes is linted."""

import importlib
import json

import pytest
from django.db import connection

from accounts.preconditions import UnmetConditionsError
from catalog.services.imports.import_runs import start_import
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import TeamFixture
from tests.requests.pages.html_forms import form_values
from tracking.requests.authoring.draft_editing import add_change, edit_change
from tracking.requests.authoring.import_requests import run_import
from tracking.requests.choices import ChangeAction
from tracking.requests.models import Change
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db

COUPON = {"type": "integer", "minimum": 5, "maximum": 1}
RULE = {
    "key": "Signed Up",
    "type": "TRACK",
    "version": 1,
    "jsonSchema": {
        "type": "object",
        "properties": {"properties": {"type": "object", "properties": {"coupon": COUPON, "plan": {"type": "string"}}}},
    },
}


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team)


@pytest.fixture
def change(members, source):
    """The change that an import of a vendor's plan drafted, with a property that no event can meet."""
    content = json.dumps({"rules": [RULE]}).encode()
    run = start_import(
        format="segment",
        file_name="plan.json",
        content=content,
        by=members.analyst,
        is_dry_run=False,
        owner_team=members.team,
        sources=[source],
    )
    run_import(run)
    return Change.objects.select_related("request", "base").get()


def severities(change):
    return {issue["place"]: issue["severity"] for issue in change.lint if issue["code"] != "foreign_keyword"}


def edited(change, by, **properties):
    schema = change.definition["schema"]
    document = change.definition | {"schema": schema | {"properties": schema["properties"] | properties}}
    return edit_change(change, by=by, revision=None, definition=document)


def test_what_an_import_brought_is_all_notes(change):
    assert severities(change) == {"coupon": "note"}


def test_it_stays_a_note_when_something_else_is_edited(change, members):
    assert severities(edited(change, members.analyst, plan={"type": "string", "description": "Which plan"})) == {
        "coupon": "note"
    }


def test_what_a_person_writes_into_it_is_refused(change, members):
    written = edited(change, members.analyst, plan={"type": "string", "format": "url"})
    assert severities(written) == {"coupon": "note", "plan": "error"}
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(written.request, "requested", by=members.analyst)
    details = [unmet.detail for unmet in caught.value.unmet if unmet.code == "lint"]
    assert len(details) == 1 and "Did you mean uri?" in details[0]


def test_a_vendors_rule_that_a_person_touches_is_theirs(change, members):
    assert severities(edited(change, members.analyst, coupon=COUPON | {"maximum": 2})) == {"coupon": "error"}


def test_a_vendors_rule_that_a_person_puts_back_is_the_vendors_again(change, members):
    edited(change, members.analyst, coupon=COUPON | {"maximum": 2})
    change.refresh_from_db()
    assert severities(edited(change, members.analyst, coupon=COUPON)) == {"coupon": "note"}


def test_a_change_that_a_person_adds_to_an_imported_draft_is_theirs(change, members):
    document = definition(schema={"type": "object", "properties": {"coupon": COUPON}})
    change.request.refresh_from_db()
    added = add_change(change.request, action=ChangeAction.CREATE, by=members.analyst, definition=document)
    assert severities(added) == {"coupon": "error"}


def test_the_form_tells_what_was_written_and_not_saved(change, members, client_of):
    analyst, url = client_of(members.analyst), f"/requests/{change.request.pk}/edit/"
    values = form_values(analyst.get(url))
    document = json.loads(values["change-json"])
    document["schema"]["properties"]["plan"]["format"] = "url"
    answer = analyst.post(url, values | {"change-json": json.dumps(document), "title": "", "do": "save"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Did you mean uri?" in page and "No value can meet" in page
    assert page.count("Nothing is saved") == 1
    change.refresh_from_db()
    assert "format" not in change.definition["schema"]["properties"]["plan"]


def test_drafts_from_before_keep_what_they_say_as_brought(change, members):
    change.request.refresh_from_db()
    own = add_change(change.request, action=ChangeAction.CREATE, by=members.analyst, definition=definition())
    Change.objects.update(imported_definition=None)
    migration = importlib.import_module("tracking.requests.migrations.0017_keep_what_imports_brought")
    with connection.cursor() as cursor:
        cursor.execute(migration.KEEP)
    change.refresh_from_db()
    own.refresh_from_db()
    assert change.imported_definition == change.definition
    assert own.imported_definition is None
