"""Importing twice changes nothing, and what changed is known for what it is."""

import json
from dataclasses import replace

import pytest

from catalog.exchange.entry import Entry, EntryKey
from catalog.exchange.import_plan import ImportPlan, build_import_plan
from catalog.exchange.importer_registry import IMPORTERS, detect_importer
from catalog.exchange.upload import Upload
from tests.exchange.real_dictionaries import (
    LEGACY_PLAN,
    PUBLIC_PLAN,
    SPEC_PLAN,
    import_one_file,
    imported_entries,
    read_upload,
)

REAL = {
    ("wikimedia", "wikimedia"): {"create": 210, "skipped": 178},
    ("iglu", "iglu-central"): {"create": 168, "skipped": 2, "failed": 2},
    ("segment", PUBLIC_PLAN): {"create": 25},
    ("segment", LEGACY_PLAN): {"create": 24, "skipped": 2},
    ("segment", SPEC_PLAN): {"create": 51},
}


def counted(made: ImportPlan) -> dict[str, int]:
    return {action: count for action, count in made.counts.items() if count}


def remembered(made: ImportPlan) -> dict[EntryKey, bytes]:
    return {step.entry.key: step.entry.content_hash for step in made.entries if step.action in ("create", "update")}


@pytest.mark.parametrize(("format", "place"), REAL)
def test_a_second_import_changes_nothing(format: str, place: str):
    first = build_import_plan(imported_entries(format, place), {})
    assert counted(first) == REAL[format, place]
    assert sum(first.counts.values()) == len(imported_entries(format, place))
    again = build_import_plan(IMPORTERS[format].read(read_upload(place)), remembered(first))
    expected = {"unchanged" if action == "create" else action: n for action, n in REAL[format, place].items()}
    assert counted(again) == expected
    assert list(again.ordered_writes()) == []


def test_layout_of_a_file_is_no_content():
    files = read_upload("iglu-central").files
    spaced = {
        path: json.dumps(json.loads(raw), indent=7, sort_keys=True).encode() if b'"self"' in raw else raw
        for path, raw in files.items()
    }
    again = build_import_plan(
        IMPORTERS["iglu"].read(Upload(spaced)),
        remembered(build_import_plan(imported_entries("iglu", "iglu-central"), {})),
    )
    assert counted(again) == {"unchanged": 168, "skipped": 2, "failed": 2}


def test_a_published_version_with_another_content_is_a_conflict():
    known = remembered(build_import_plan(imported_entries("wikimedia", "wikimedia"), {}))
    path = "secondary/jsonschema/analytics/session_tick/2.0.0.yaml"
    changed = read_upload("wikimedia").files[path].replace(b"minimum: 0", b"minimum: 1")
    (step,) = build_import_plan(import_one_file("wikimedia", path, changed), known).entries
    assert (step.action, step.entry.key in known) == ("conflict", True)
    assert "2.0.0" in step.detail


def test_an_edited_rule_is_an_update():
    known = remembered(build_import_plan(imported_entries("segment", PUBLIC_PLAN), {}))
    raw = read_upload(PUBLIC_PLAN).files["plan.public-api.json"]
    touched = raw.replace(b'"updatedAt": "2022-07-22', b'"updatedAt": "2026-01-01')
    assert counted(build_import_plan(import_one_file("segment", "p.json", touched), known)) == {"unchanged": 25}
    edited = raw.replace(b"Lawyer Morty|Evil Morty", b"Evil Morty", 1)
    assert counted(build_import_plan(import_one_file("segment", "p.json", edited), known)) == {
        "unchanged": 24,
        "update": 1,
    }


def test_the_other_form_of_a_plan_is_the_same_plan():
    known = remembered(build_import_plan(imported_entries("segment", PUBLIC_PLAN), {}))
    other = build_import_plan(imported_entries("segment", LEGACY_PLAN), known)
    # One event has labels in the older file alone; two have other names there.
    assert counted(other) == {"unchanged": 21, "update": 1, "create": 2, "skipped": 2}


def entry(version: str, content: bytes = b"a", path: str = "") -> Entry:
    (found,) = import_one_file(
        "segment", "p.json", b'{"rules": [{"key": "x", "type": "TRACK", "version": 1, "jsonSchema": {}}]}'
    )
    order = tuple(map(int, version.split(".")))
    return replace(found, path=path or version, origin_version=version, sort_key=order, content_hash=content)


def test_what_stands_twice_in_one_upload():
    made = build_import_plan([entry("1", path="a"), entry("1", path="b"), entry("1", b"other", path="c")], {})
    assert [step.action.value for step in made.entries] == ["create", "skipped", "conflict"]
    assert "a" in made.entries[1].detail


def test_versions_are_written_in_the_order_of_their_origin():
    made = build_import_plan([entry("10"), entry("9"), entry("2")], {})
    assert [step.entry.origin_version for step in made.ordered_writes()] == ["2", "9", "10"]


@pytest.mark.parametrize(("format", "place"), REAL)
def test_formats_are_recognised(format: str, place: str):
    found = detect_importer(read_upload(place))
    assert found is not None
    assert found.format == format


def test_what_is_no_format_is_not_recognised():
    assert detect_importer(Upload({"readme.md": b"# hello", "data.json": b"[1]", "broken.json": b"{"})) is None
