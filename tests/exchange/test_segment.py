"""Segment's tracking plans: both forms of one plan give the same definitions, and every rule is accounted for."""

import json
from collections import Counter

import pytest
import yaml

from catalog.contract import Event, Verdict, compile_contract, find_problems
from catalog.exchange.entry import Entry
from catalog.exchange.importer_registry import IMPORTERS
from tests.exchange.real_dictionaries import (
    DATA,
    LEGACY_PLAN,
    PUBLIC_PLAN,
    SPEC_PLAN,
    document_of,
    imported_entries,
    problem_and_note_codes,
    read_upload,
)

# The source's own difference: the Public API's file has other keys for these two, and keeps the names that the
# Config API's file has in `eventMetadata`, which a note tells.
RENAMED = {
    "Property Object Name Collision 1": "Property Object Name Collision #1",
    "Property Object Name Collision 2": "Property Object Name Collision #2",
}


def by_name(place: str) -> dict[str, Entry]:
    return {entry.name: entry for entry in imported_entries("segment", place) if entry.document is not None}


@pytest.mark.parametrize(
    ("place", "outcomes"),
    [
        (PUBLIC_PLAN, {"imported": 25}),
        (LEGACY_PLAN, {"imported": 24, "skipped": 2}),  # empty lists of identify and group traits
        (SPEC_PLAN, {"imported": 51}),
        ("segment-spec-tracking-plan", {"imported": 51, "skipped": 6}),  # pages, examples, licence, SOURCE.md
    ],
)
def test_every_rule_and_file_is_an_entry(place: str, outcomes: dict[str, int]):
    assert Counter(entry.outcome.value for entry in imported_entries("segment", place)) == outcomes


@pytest.mark.parametrize("place", [PUBLIC_PLAN, LEGACY_PLAN, SPEC_PLAN])
def test_every_document_is_a_definition(place: str):
    for name, entry in by_name(place).items():
        assert find_problems(document_of(entry)) == [], name
        assert document_of(entry)["name"] == name


def test_both_forms_of_a_plan_give_the_same_definitions():
    public, legacy = by_name(PUBLIC_PLAN), by_name(LEGACY_PLAN)
    assert {RENAMED.get(name, name) for name in public} - set(legacy) == {"NoID Type"}  # not in the older file
    assert set(legacy) <= {RENAMED.get(name, name) for name in public}
    for name, entry in public.items():
        if name != "NoID Type":
            other = document_of(legacy[RENAMED.get(name, name)])
            assert document_of(entry) | {"name": other["name"]} == other, name
        if name in RENAMED:
            assert any(note.code == "name_disagrees" and RENAMED[name] in note.what for note in entry.notes)


def test_the_second_form_changes_nothing_but_labels():
    """The Config API's file has labels on one event that the other lacks; all else hashes alike."""
    public, legacy = by_name(PUBLIC_PLAN), by_name(LEGACY_PLAN)
    different = [
        name for name in public.keys() & legacy.keys() if public[name].content_hash != legacy[name].content_hash
    ]
    (labelled,) = different
    assert legacy[labelled].labels == (("area", "account"), ("type", "contacts"))
    assert public[labelled].labels == ()


def test_hostile_names_survive_verbatim():
    names = [rule["key"] for rule in json.loads((DATA / PUBLIC_PLAN).read_text())["rules"]]
    assert list(by_name(PUBLIC_PLAN)) == names
    assert "42_--terrible==\\\"event'++name~!3" in names
    (sanitized,) = (document_of(entry) for name, entry in by_name(PUBLIC_PLAN).items() if name == "Property Sanitized")
    assert list(sanitized["schema"]["properties"]) == ["0000---terrible-property-name~!3"]


def test_the_text_of_a_rule_is_kept_as_it_stands_in_the_file():
    text = (DATA / PUBLIC_PLAN).read_text()
    for entry in imported_entries("segment", PUBLIC_PLAN):
        assert entry.source_text in text
        assert json.loads(entry.source_text)["key"] == entry.name


def test_wrapped_in_data_or_not_is_the_same():
    plan = json.loads((DATA / SPEC_PLAN).read_text())["data"]
    bare = {"name": "spec", "rules": plan["rules"]}
    found = list(IMPORTERS["segment"].read(type(read_upload(SPEC_PLAN))({"plan.json": json.dumps(bare).encode()})))
    assert [entry.document for entry in found] == [entry.document for entry in imported_entries("segment", SPEC_PLAN)]


def test_paths_in_names_become_nesting():
    completed = by_name(SPEC_PLAN)["Order Completed"]
    products = document_of(completed)["schema"]["properties"]["products"]
    assert products["type"] == "array"
    assert {"sku", "price", "product_id"} <= set(products["items"]["properties"])
    folded = Counter(note.code for entry in by_name(SPEC_PLAN).values() for note in entry.notes)
    assert folded == {"open_objects": 51, "path_folded": 14}
    names = [name for entry in by_name(SPEC_PLAN).values() for name in document_of(entry)["schema"]["properties"]]
    assert not [name for name in names if "$" in name or "[" in name]


def test_the_examples_of_the_documents_conform():
    """The samples are JavaScript; as its object literals are YAML's flow mappings, YAML reads them."""
    plan = by_name(SPEC_PLAN)
    unreadable, unknown = [], set()
    lines = (DATA / "segment-spec-tracking-plan/doc-examples.ndjson").read_text().splitlines()
    for line in map(json.loads, lines):
        snippet = line["snippet"]
        try:
            event = yaml.safe_load(snippet[snippet.index("{") : snippet.rindex("}") + 1])
        except yaml.YAMLError:
            unreadable.append(line["event_name"])
            continue
        properties = event["properties"] if "event" in event and "properties" in event else event
        name = line["event_name"]
        judgement = compile_contract(document_of(plan[name])).check(
            Event(call="track", event=name, properties=properties)
        )
        assert judgement.verdict is Verdict.CONFORMING, (name, judgement.errors)
        unknown |= {warning.path for warning in judgement.warnings}
        assert {warning.rule for warning in judgement.warnings} <= {"unknown_property"}
    # A comma is missing in the documents' own samples of these three.
    assert unreadable == ["Coupon Applied", "Coupon Denied", "Coupon Removed"]
    # What the samples carry and the tables of the documents, from which the plan was made, do not list.
    assert unknown == {"/properties/name", "/properties/currency", "/properties/products", "/properties/total"}


def test_notes_tell_what_is_left_out():
    assert Counter(code for entry in by_name(PUBLIC_PLAN).values() for code in problem_and_note_codes(entry)) == {
        "open_objects": 25,
        "unknown_keyword": 18,  # `id` on properties, which draft-07 does not know
        "name_disagrees": 3,
    }
