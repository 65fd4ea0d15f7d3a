"""Definitions imported from the command line: as a request, as a baseline, or as a plan alone."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Binding, Event, ImportEntry, ImportRun
from tests.factories.catalog import EventFactory, SourceFactory
from tracking.requests.models import Change, Request

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[2] / "data"
PLAN = DATA / "segment-typewriter-plan/plan.public-api.json"


def run(*arguments: object) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("import_definitions", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_by_default_it_drafts_one_request_and_a_second_time_none():
    source = SourceFactory.create(slug="shop")
    text = run(PLAN, "--source", "shop")
    request = Request.objects.get()
    assert request.get_absolute_url() in text and not Event.objects.exists()
    assert request.changes.count() > 10 and set(request.changes.first().sources.all()) == {source}
    assert "Nothing is asked for" in run(PLAN, "--source", "shop") and Request.objects.get() == request


def test_a_dry_run_prints_the_plan_with_counts_and_notes():
    text = run(PLAN, "--dry-run")
    done = ImportRun.objects.get()
    assert f"{done.counts['created']:6d} would be created" in text and "Nothing was written" in text
    assert all(note["code"] in text for entry in done.entries.all() for note in entry.notes)
    assert not Event.objects.exists() and not Request.objects.exists()


def test_it_takes_a_folder_as_the_baseline(team):
    source = SourceFactory.create(slug="shop")
    folder = DATA / "wikimedia/primary"
    text = run(folder, "--format", "wikimedia", "--source", "shop", "--team", team.slug, "--baseline")
    assert " created\n" in text and not Request.objects.exists()
    assert Event.objects.filter(owner_team=team).exists() and Binding.objects.filter(source=source).exists()
    assert " created\n" not in run(folder, "--baseline", "--quiet", "--source", "shop")


def test_hidden_characters_do_not_reach_the_terminal(tmp_path):
    path = tmp_path / "plan.json"
    rule = {"type": "TRACK", "key": "Order\x1b[31m\u202e", "version": 1, "jsonSchema": {"type": "object"}}
    path.write_text(json.dumps({"name": "Plan", "rules": [rule]}))
    text = run(path, "--dry-run")
    assert "\x1b" not in text and "\u202e" not in text and "\\u001b[31m\\u202e" in text


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (b'{"rules": [', ["--format", "segment"], "Nothing in it could be imported"),
        (b"PK\x03\x04", [], "The zip is damaged"),
        (b"", [], "is empty"),
        (b"hello", [], "No known format was found"),
        (PLAN.read_bytes(), ["--source", "nowhere"], "There is no source 'nowhere'"),
        (PLAN.read_bytes(), ["--by", "nobody"], "Nobody active has the username 'nobody'"),
    ],
)
def test_what_stops_it_is_one_clear_sentence(tmp_path, content, arguments, sentence):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run(path, *arguments)
    with pytest.raises(CommandError, match="no file or folder"):
        run(tmp_path / "missing")


def test_it_asks_what_the_person_may(stranger):
    with pytest.raises(CommandError, match="You may not import definitions"):
        run(PLAN, "--by", stranger.username)
    assert not ImportEntry.objects.exists()


def test_a_name_that_reads_like_an_event_is_drafted_with_a_note_and_asks_for_a_reason(tmp_path):
    EventFactory.create(name="Order Completed")
    names = ("order_completed", "Wish Made")
    path = tmp_path / "plan.json"
    rules = [{"key": name, "type": "TRACK", "version": 1, "jsonSchema": {}} for name in names]
    path.write_text(json.dumps({"name": "Plan", "rules": rules}))
    assert "similar_name: 'order_completed' reads like 'Order Completed'." in run(path, "--format", "segment")
    assert {change.name: change.name_reason for change in Change.objects.all()} == dict.fromkeys(names, "")
    Request.objects.all().delete()
    run(path, "--format", "segment", "--name-reason", "Two shops.")
    assert {change.name: change.name_reason for change in Change.objects.all()} == {
        names[0]: "Two shops.",
        names[1]: "",
    }


def test_the_reason_is_that_of_every_version_of_an_event(tmp_path):
    EventFactory.create(name="com.acme/Order Completed")
    folder = tmp_path / "schemas" / "com.acme" / "order_completed" / "jsonschema"
    folder.mkdir(parents=True)
    for version in ("1-0-0", "1-0-1"):
        (folder / version).write_text(json.dumps({"type": "object", "properties": {version: {"type": "string"}}}))
    run(tmp_path, "--format", "iglu", "--name-reason", "Two shops.")
    (change,) = Change.objects.all()
    assert (change.name, change.name_reason) == ("com.acme/order_completed", "Two shops.")
