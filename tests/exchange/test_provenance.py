"""Importing twice changes nothing, and what changed is known for what it is."""

import json
from dataclasses import replace

import pytest

from catalog.exchange.entry import Entry, Key
from catalog.exchange.import_plan import Plan, plan
from catalog.exchange.importer_registry import IMPORTERS, recognise
from catalog.exchange.upload import Upload
from tests.exchange.real_dictionaries import LEGACY_PLAN, PUBLIC_PLAN, SPEC_PLAN, entries, one_file, upload

REAL = {
    ("wikimedia", "wikimedia"): {"create": 210, "skipped": 178},
    ("iglu", "iglu-central"): {"create": 168, "skipped": 2, "failed": 2},
    ("segment", PUBLIC_PLAN): {"create": 25},
    ("segment", LEGACY_PLAN): {"create": 24, "skipped": 2},
    ("segment", SPEC_PLAN): {"create": 51},
}


def counted(made: Plan) -> dict[str, int]:
    return {action: count for action, count in made.counts.items() if count}


def remembered(made: Plan) -> dict[Key, bytes]:
    return {step.entry.key: step.entry.content_hash for step in made.steps if step.action in ("create", "update")}


@pytest.mark.parametrize(("format", "place"), REAL)
def test_a_second_import_changes_nothing(format: str, place: str):
    first = plan(entries(format, place), {})
    assert counted(first) == REAL[format, place]
    assert sum(first.counts.values()) == len(entries(format, place))
    again = plan(IMPORTERS[format].read(upload(place)), remembered(first))
    expected = {"unchanged" if action == "create" else action: n for action, n in REAL[format, place].items()}
    assert counted(again) == expected
    assert list(again.in_order()) == []


def test_layout_of_a_file_is_no_content():
    files = upload("iglu-central").files
    spaced = {
        path: json.dumps(json.loads(raw), indent=7, sort_keys=True).encode() if b'"self"' in raw else raw
        for path, raw in files.items()
    }
    again = plan(IMPORTERS["iglu"].read(Upload(spaced)), remembered(plan(entries("iglu", "iglu-central"), {})))
    assert counted(again) == {"unchanged": 168, "skipped": 2, "failed": 2}


def test_a_published_version_with_another_content_is_a_conflict():
    known = remembered(plan(entries("wikimedia", "wikimedia"), {}))
    path = "secondary/jsonschema/analytics/session_tick/2.0.0.yaml"
    changed = upload("wikimedia").files[path].replace(b"minimum: 0", b"minimum: 1")
    (step,) = plan(one_file("wikimedia", path, changed), known).steps
    assert (step.action, step.entry.key in known) == ("conflict", True)
    assert "2.0.0" in step.detail


def test_an_edited_rule_is_an_update():
    known = remembered(plan(entries("segment", PUBLIC_PLAN), {}))
    raw = upload(PUBLIC_PLAN).files["plan.public-api.json"]
    touched = raw.replace(b'"updatedAt": "2022-07-22', b'"updatedAt": "2026-01-01')
    assert counted(plan(one_file("segment", "p.json", touched), known)) == {"unchanged": 25}
    edited = raw.replace(b"Lawyer Morty|Evil Morty", b"Evil Morty", 1)
    assert counted(plan(one_file("segment", "p.json", edited), known)) == {"unchanged": 24, "update": 1}


def test_the_other_form_of_a_plan_is_the_same_plan():
    known = remembered(plan(entries("segment", PUBLIC_PLAN), {}))
    other = plan(entries("segment", LEGACY_PLAN), known)
    # One event has labels in the older file alone; two have other names there.
    assert counted(other) == {"unchanged": 21, "update": 1, "create": 2, "skipped": 2}


def entry(version: str, content: bytes = b"a", path: str = "") -> Entry:
    (found,) = one_file(
        "segment", "p.json", b'{"rules": [{"key": "x", "type": "TRACK", "version": 1, "jsonSchema": {}}]}'
    )
    order = tuple(map(int, version.split(".")))
    return replace(found, path=path or version, origin_version=version, order=order, content_hash=content)


def test_what_stands_twice_in_one_upload():
    made = plan([entry("1", path="a"), entry("1", path="b"), entry("1", b"other", path="c")], {})
    assert [step.action.value for step in made.steps] == ["create", "skipped", "conflict"]
    assert "a" in made.steps[1].detail


def test_versions_are_written_in_the_order_of_their_origin():
    made = plan([entry("10"), entry("9"), entry("2")], {})
    assert [step.entry.origin_version for step in made.in_order()] == ["2", "9", "10"]


@pytest.mark.parametrize(("format", "place"), REAL)
def test_formats_are_recognised(format: str, place: str):
    found = recognise(upload(place))
    assert found is not None
    assert found.format == format


def test_what_is_no_format_is_not_recognised():
    assert recognise(Upload({"readme.md": b"# hello", "data.json": b"[1]", "broken.json": b"{"})) is None
