"""Iglu Central's schemas: every version is accounted for, roots that are arrays are reported."""

import json
from collections import Counter, defaultdict

from catalog.contract import find_problems
from catalog.exchange.entry import EntryOutcome, previous_version
from tests.exchange.real_dictionaries import (
    document_of,
    import_one_file,
    imported_entries,
    problem_and_note_codes,
    read_upload,
)

SCHEMA = {
    "$schema": "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#",
    "description": "An order",
    "self": {"vendor": "com.acme", "name": "order", "format": "jsonschema", "version": "1-0-2"},
    "type": "object",
    "properties": {"total": {"type": "number", "minimum": 0, "exclusiveMinimum": True}},
    "additionalProperties": False,
}


def one(schema: object, path: str = "schemas/com.acme/order/jsonschema/1-0-2"):
    (entry,) = import_one_file("iglu", path, json.dumps(schema).encode())
    return entry


def test_every_file_is_one_entry():
    found = imported_entries("iglu", "iglu-central")
    assert len(found) == len(read_upload("iglu-central").files) == 172
    # 170 versions of 100 names, of which two are arrays at their root; and SOURCE.md and LICENSE.
    assert Counter(entry.outcome.value for entry in found) == {"imported": 168, "failed": 2, "skipped": 2}
    arrays = [entry for entry in found if entry.outcome is EntryOutcome.FAILED]
    assert [(entry.name, entry.origin_version, problem_and_note_codes(entry)) for entry in arrays] == [
        ("com.snowplowanalytics.snowplow/enrichments", "1-0-0", ["root_not_object"]),
        ("com.snowplowanalytics.snowplow/recoveries", "1-0-0", ["root_not_object"]),
    ]
    assert len({entry.name for entry in found if entry.name}) == 100
    assert len({entry.name for entry in found if entry.document}) == 99


def test_every_document_is_a_definition():
    for entry in imported_entries("iglu", "iglu-central"):
        if entry.outcome is EntryOutcome.IMPORTED:
            assert find_problems(document_of(entry)) == [], entry.path
            assert document_of(entry)["name"] == entry.name
            assert document_of(entry)["call"] == "track"


def test_what_reads_differently_is_noted():
    noted = Counter(note.code for entry in imported_entries("iglu", "iglu-central") for note in entry.notes)
    assert noted == {
        "whole_numbers": 95,  # entries with an integer somewhere
        "younger_format": 33,  # 30 times uuid and 3 times date, which draft-04 does not define
        "open_objects": 32,
        # What the lint finds: `repository` that nothing describes, null beside an enum without it, one branch twice.
        "required_undescribed": 9,
        "unusable_type": 3,
        "unusable_branch": 4,
        "root_narrowed": 1,  # com.mandrill/message_opened 1-0-3 may be null
    }


def test_versions_know_their_predecessor():
    versions = defaultdict(list)
    for entry in imported_entries("iglu", "iglu-central"):
        if entry.name:
            versions[entry.name].append(entry.origin_version)
    assert sum(len(found) > 1 for found in versions.values()) == 38
    opened = versions["com.mandrill/message_opened"]
    assert [previous_version(version, opened) for version in sorted(opened)] == [None, *sorted(opened)[:-1]]
    assert previous_version("1-0-10", ["1-0-9", "1-0-2", "2-0-0"]) == "1-0-9"


def test_a_schema_becomes_a_definition():
    entry = one(SCHEMA)
    assert (entry.name, entry.origin_version, entry.sort_key) == ("com.acme/order", "1-0-2", (1, 0, 2))
    assert entry.document == {
        "name": "com.acme/order",
        "call": "track",
        "kind": "standard",
        "description": "An order",
        "schema": {
            "type": "object",
            "properties": {"total": {"type": "number", "exclusiveMinimum": 0}},
            "additionalProperties": False,
        },
    }
    assert problem_and_note_codes(entry) == []


def test_where_path_and_self_disagree_the_path_decides():
    entry = one(SCHEMA, "schemas/com.acme/order/jsonschema/1-0-3")
    assert (entry.name, entry.origin_version, problem_and_note_codes(entry)) == (
        "com.acme/order",
        "1-0-3",
        ["self_disagrees"],
    )
    entry = one({key: value for key, value in SCHEMA.items() if key != "self"})
    assert (entry.name, problem_and_note_codes(entry)) == ("com.acme/order", ["no_self"])


def test_a_file_elsewhere_is_known_by_its_self_alone():
    assert one(SCHEMA, "order.json").name == "com.acme/order"
    lost = one({"type": "object"}, "order.json")
    assert (lost.outcome, problem_and_note_codes(lost)) == (EntryOutcome.FAILED, ["no_identity"])
