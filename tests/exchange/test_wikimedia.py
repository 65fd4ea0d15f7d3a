"""Wikimedia's event schemas: every file is accounted for, and every example keeps its verdict."""

import json
from collections import Counter

import pytest

from catalog.contract import Event, Verdict, compile_contract, find_problems
from catalog.exchange.entry import Entry, EntryOutcome
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.upload import Upload
from tests.exchange.real_dictionaries import (
    DATA,
    document_of,
    import_one_file,
    imported_entries,
    problem_and_note_codes,
    read_upload,
)


def imported() -> list[Entry]:
    return [entry for entry in imported_entries("wikimedia", "wikimedia") if entry.outcome is EntryOutcome.IMPORTED]


def index() -> list[dict]:
    return [json.loads(line) for line in (DATA / "wikimedia/index.ndjson").read_text().splitlines()]


def test_every_file_is_one_entry():
    found = imported_entries("wikimedia", "wikimedia")
    assert len(found) == len(read_upload("wikimedia").files) == 388
    # 210 versions; 63 versions and 33 working copies of fragments; 78 working copies of events and the four
    # files beside the schemas: SOURCE.md, LICENSE, index.ndjson and examples.ndjson.
    assert Counter(entry.outcome.value for entry in found) == {"imported": 210, "fragment": 96, "skipped": 82}
    assert Counter(problem.code for entry in found for problem in entry.problems) == {
        "fragment": 96,
        "working_copy": 78,
        "not_a_schema": 4,
    }


def test_titles_and_versions_are_those_of_the_index():
    expected = {(row["title"], version) for row in index() if not row["fragment"] for version in row["versions"]}
    assert {(entry.name, entry.origin_version) for entry in imported()} == expected
    assert len({entry.name for entry in imported()}) == 78
    fragments = {
        entry.name for entry in imported_entries("wikimedia", "wikimedia") if entry.outcome is EntryOutcome.FRAGMENT
    }
    assert fragments == {row["title"] for row in index() if row["fragment"]}
    assert len(fragments) == 33


def test_the_latest_version_comes_last_in_order():
    latest: dict[str, Entry] = {}
    for entry in sorted(imported(), key=lambda entry: entry.sort_key):
        latest[entry.name] = entry
    for row in index():
        if not row["fragment"]:
            assert f"/{row['title']}/{latest[row['title']].origin_version}" == row["latest_id"]


def test_every_document_is_a_definition():
    for entry in imported():
        assert find_problems(document_of(entry)) == [], entry.path


def test_what_reads_differently_is_noted():
    noted = Counter(note.code for entry in imported() for note in entry.notes)
    # Every schema leaves some object open. Misspelt keywords: mexLength, maxiumum and descripotion.
    # The lint finds minLength of lists and numbers, and null in the enum of a text.
    assert noted == {"open_objects": 210, "unknown_keyword": 26, "idle_keyword": 33, "unusable_value": 4}
    misspelt = [note.what for entry in imported() for note in entry.notes if note.code == "unknown_keyword"]
    assert {what.split("`")[1] for what in misspelt} == {"mexLength", "maxiumum", "descripotion"}


def test_every_example_of_every_version_conforms():
    judged: Counter[Verdict] = Counter()
    for entry in imported():
        contract = compile_contract(document_of(entry))
        for example in document_of(entry).get("examples", ()):
            judgement = contract.check(Event(call="track", event=entry.name, properties=example))
            assert judgement.verdict is Verdict.CONFORMING, (entry.path, judgement.errors)
            assert {warning.rule for warning in judgement.warnings} <= {"unknown_property"}, entry.path
            judged[judgement.verdict] += 1
    assert judged == {Verdict.CONFORMING: 238}


def test_the_published_examples_conform_to_the_latest_version():
    latest: dict[str, Entry] = {}
    for entry in sorted(imported(), key=lambda entry: entry.sort_key):
        latest[entry.name] = entry
    lines = (DATA / "wikimedia/examples.ndjson").read_text().splitlines()
    verdicts: Counter[Verdict] = Counter()
    with_warnings = 0
    for line in map(json.loads, lines):
        contract = compile_contract(document_of(latest[line["schema_title"]]))
        judgement = contract.check(Event(call="track", event=line["schema_title"], properties=line["event"]))
        verdicts[judgement.verdict] += 1
        with_warnings += bool(judgement.warnings)
    assert verdicts == {Verdict.CONFORMING: 89}
    assert with_warnings == 7  # they carry keys that their open objects do not name


@pytest.mark.parametrize("root", ["", "schemas/", "primary/jsonschema/"])
def test_it_does_not_matter_which_folder_was_packed(root: str):
    path = "analytics/session_tick/2.0.0.yaml"
    raw = read_upload("wikimedia").files[f"secondary/jsonschema/{path}"]
    (entry,) = import_one_file(
        "wikimedia", f"{root}jsonschema/{path}" if "jsonschema" not in root else root + path, raw
    )
    assert (entry.name, entry.origin_version, entry.outcome) == (
        "analytics/session_tick",
        "2.0.0",
        EntryOutcome.IMPORTED,
    )
    assert problem_and_note_codes(entry) == ["open_objects"]
    assert entry.source_text.encode() == raw


def test_a_file_on_its_own_is_known_by_its_title_and_id():
    raw = read_upload("wikimedia").files["secondary/jsonschema/analytics/session_tick/2.0.0.yaml"]
    (entry,) = import_one_file("wikimedia", "session_tick.yaml", raw)
    assert (entry.name, entry.origin_version) == ("analytics/session_tick", "2.0.0")


def test_disagreement_of_path_title_and_id_is_noted():
    raw = b"title: a/b\n$id: /a/c/1.0.0\ntype: object\nproperties: {x: {type: string}}\n"
    (entry,) = import_one_file("wikimedia", "jsonschema/a/d/1.1.0.yaml", raw)
    assert (entry.name, entry.origin_version) == ("a/b", "1.1.0")
    assert problem_and_note_codes(entry) == ["path_disagrees", "id_disagrees", "open_objects"]


def test_references_are_followed_inside_the_upload():
    upload_of_two = Upload(
        {
            "repo/jsonschema/fragment/common/1.0.0.yaml": (
                b"title: fragment/common\n$id: /fragment/common/1.0.0\ntype: object\n"
                b"properties: {dt: {$ref: '#/definitions/when'}}\nrequired: [dt]\n"
                b"definitions: {when: {type: string, format: date-time}}\n"
            ),
            "repo/jsonschema/shop/order/1.0.0.yaml": (
                b"title: shop/order\n$id: /shop/order/1.0.0\ntype: object\n"
                b"allOf: [{$ref: '/fragment/common/1.0.0#'}]\nproperties: {total: {type: number}}\nrequired: [total]\n"
            ),
        }
    )
    fragment, order = IMPORTERS["wikimedia"].read(upload_of_two)
    assert fragment.outcome is EntryOutcome.FRAGMENT
    contract = compile_contract(document_of(order))
    good = {"dt": "2026-01-02T03:04:05Z", "total": 3}
    assert contract.check(Event(call="track", event="shop/order", properties=good)).violations == ()
    for bad in ({"total": 3}, {"dt": "2026-01-02T03:04:05Z"}, good | {"dt": "yesterday"}):
        assert contract.check(Event(call="track", properties=bad)).verdict is Verdict.NONCONFORMING, bad
