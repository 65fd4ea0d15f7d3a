"""References: names of every spelling, and schemas of other files of one upload."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from catalog.contract import Event, compile_contract, find_problems
from catalog.contract.json.pointers import escape_key
from catalog.exchange.entry import Entry, EntryOutcome
from catalog.exchange.importer_registry import IMPORTERS
from catalog.exchange.json_schema.draft_conversion import convert_to_2020_12
from catalog.exchange.json_schema.draft_keywords import Draft
from catalog.exchange.upload import Upload
from catalog.exchange.upload_schemas import UploadSchemas

TEXT = {"type": "string"}
NAMES = [
    "日付", "List<Item>", "List[Item]", "a b", "Map«A,B»", "x/y~z", "50%", "a%20b", "%E6", "a#b", "é", "e\u0301",
    "q\"uo`te|{}^\\", "100 % \u00a0", "?x=1&y", "💡",
]  # fmt: skip


def accepts(document: dict[str, Any] | None, **properties: Any) -> bool:
    assert document is not None
    return compile_contract(document).is_valid_strictly(Event(call="track", properties=properties))


@pytest.mark.parametrize("draft", [Draft.DRAFT_04, Draft.DRAFT_07, Draft.DRAFT_2020_12])
@pytest.mark.parametrize("name", NAMES)
def test_a_reference_finds_a_name_of_any_spelling(name: str, draft: Draft) -> None:
    keyword = "$defs" if draft is Draft.DRAFT_2020_12 else "definitions"
    pointer = escape_key(name)
    written = {quote(pointer, safe="~"), *([] if "#" in name else [pointer])}
    for reference in written:
        schema = {"properties": {"a": {"$ref": f"#/{keyword}/{reference}"}}, keyword: {name: TEXT, "other": {}}}
        converted = convert_to_2020_12(schema, default=draft)
        assert converted.problems == ()
        document = {"name": "x", "schema": converted.schema}
        assert find_problems(document) == []
        assert accepts(document, a="x")
        assert not accepts(document, a=1)


def read(format: str, files: dict[str, Any]) -> dict[str, Entry]:
    upload = Upload({path: json.dumps(content).encode() for path, content in files.items()})
    return {entry.path.partition("#")[0]: entry for entry in IMPORTERS[format].read(upload)}


ORDER = "schemas/com.acme/order/jsonschema/1-0-0"
MONEY = "schemas/com.acme/money/jsonschema/1-0-0"


def iglu(**schema: Any) -> dict[str, Any]:
    own = {"vendor": "com.acme", "name": "order", "format": "jsonschema", "version": "1-0-0"}
    return {"self": own, "type": "object", **schema}


@pytest.mark.parametrize(
    "reference",
    [
        "../../money/jsonschema/1-0-0",
        "iglu:com.acme/money/jsonschema/1-0-0",
        "http://iglucentral.com/schemas/com.acme/money/jsonschema/1-0-0#",
        "https://acme.example.com/schemas/com.acme/money/jsonschema/1-0-0",
        "../../money/jsonschema/1-0-0#/definitions/amount",
    ],
)
@pytest.mark.parametrize("folder", ["", "export-2026/"])
def test_a_schema_of_a_registry_refers_to_another_of_the_upload(reference: str, folder: str) -> None:
    money = iglu(properties={"amount": TEXT}, additionalProperties=False, definitions={"amount": {"type": "object"}})
    order = iglu(properties={"price": {"$ref": reference}}, additionalProperties=False)
    found = read("iglu", {folder + ORDER: order, folder + MONEY: money})

    assert found[folder + ORDER].outcome is EntryOutcome.IMPORTED, found[folder + ORDER].problems
    assert found[folder + MONEY].outcome is EntryOutcome.IMPORTED
    assert accepts(found[folder + ORDER].document, price={})
    assert not accepts(found[folder + ORDER].document, price="1 EUR")


def test_the_advice_works_for_a_file_that_is_no_event() -> None:
    order = iglu(properties={"price": {"$ref": "common types.json#/definitions/List<Item>"}})
    common = {"definitions": {"List<Item>": {"type": "array", "items": {"$ref": "#/definitions/Item"}}, "Item": TEXT}}
    path = "schemas/com.acme/order/jsonschema/common types.json"

    alone = read("iglu", {ORDER: order})[ORDER]
    together = read("iglu", {ORDER: order, path: common})

    (problem,) = alone.problems
    assert problem.code == "remote_reference"
    assert "together with the file of that schema" in problem.detail
    assert together[ORDER].outcome is EntryOutcome.IMPORTED, together[ORDER].problems
    assert together[path].outcome is EntryOutcome.FRAGMENT
    assert accepts(together[ORDER].document, price=["a"])
    assert not accepts(together[ORDER].document, price=[1])
    changed = read("iglu", {ORDER: order, path: common | {"definitions": {"List<Item>": {}}}})
    assert changed[ORDER].content_hash != together[ORDER].content_hash


@pytest.mark.parametrize("reference", ["types.json#/$defs/id", "https://acme.example.com/types#/$defs/id"])
def test_a_rule_of_a_plan_refers_to_another_file(reference: str) -> None:
    rule = {
        "type": "TRACK",
        "key": "Order Completed",
        "version": 1,
        "jsonSchema": {
            "type": "object",
            "properties": {"properties": {"type": "object", "properties": {"id": {"$ref": reference}}}},
        },
    }
    types = {"$id": "https://acme.example.com/types", "$defs": {"id": {"$ref": "#/$defs/text"}, "text": TEXT}}
    found = read("segment", {"plans/plan.json": {"rules": [rule]}, "plans/types.json": types})

    assert found["plans/plan.json"].outcome is EntryOutcome.IMPORTED, found["plans/plan.json"].problems
    assert accepts(found["plans/plan.json"].document, id="x")
    assert not accepts(found["plans/plan.json"].document, id=1)


def test_two_files_that_refer_to_each_other_are_included_once() -> None:
    first = iglu(properties={"other": {"$ref": "../../money/jsonschema/1-0-0"}, "text": TEXT})
    second = iglu(properties={"back": {"$ref": "../../order/jsonschema/1-0-0"}, "text": TEXT})
    found = read("iglu", {ORDER: first, MONEY: second})

    for path in (ORDER, MONEY):
        assert found[path].outcome is EntryOutcome.IMPORTED, found[path].problems
    assert not accepts(found[ORDER].document, other={"back": {"text": 1}})


def test_a_name_that_fits_two_files_names_none() -> None:
    files = {"a/x/types.json": b"{}", "b/x/types.json": b"{}", "broken.json": b"{", "notes.txt": b""}
    schemas = UploadSchemas(Upload(files))

    assert schemas.find("x/types.json") is None
    assert schemas.find("a/x/types") == {}
    for missing in ("broken.json", "notes.txt", "", "#", "http://[", "https://acme.example.com/"):
        assert schemas.find(missing) is None
    assert schemas.used_paths == {"a/x/types.json"}


@pytest.mark.parametrize("kind", ["any", ["any"], ["any", "string"], ["string", "any", "null"]])
def test_the_type_any_asks_for_none_and_says_so(kind: Any) -> None:
    properties = {"id": {"type": kind, "maxLength": 3}, "list": {"type": "array", "items": {"type": kind}}}
    rule = {
        "type": "TRACK",
        "key": "Order Completed",
        "version": 1,
        "jsonSchema": {"type": "object", "properties": {"properties": {"type": "object", "properties": properties}}},
    }
    entry = read("segment", {"plan.json": {"rules": [rule]}})["plan.json"]

    assert entry.outcome is EntryOutcome.IMPORTED, entry.problems
    assert [note.code for note in entry.notes].count("any_type") == 2
    assert accepts(entry.document, id=1, list=["a", None, 1])
    assert not accepts(entry.document, id="long")
