"""Older drafts said again in 2020-12: keyword by keyword, and reference by reference."""

from typing import Any

import pytest

from catalog.exchange.json_schema.draft_conversion import convert_to_2020_12
from catalog.exchange.json_schema.draft_keywords import Draft
from catalog.exchange.json_schema.reference_rewriting import ExternalSchemaLookup

TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def converted(schema: Any, draft: Draft = Draft.DRAFT_07, external: ExternalSchemaLookup | None = None) -> Any:
    made = convert_to_2020_12(schema, default=draft, external=external)
    assert made.problems == ()
    return made.schema


def refused(schema: Any, draft: Draft = Draft.DRAFT_07, external: ExternalSchemaLookup | None = None) -> list[str]:
    return [problem.code for problem in convert_to_2020_12(schema, default=draft, external=external).problems]


def noted(schema: Any, draft: Draft = Draft.DRAFT_07) -> list[tuple[str, str]]:
    return [(note.code, note.where) for note in convert_to_2020_12(schema, default=draft).notes]


@pytest.mark.parametrize(
    ("draft", "old", "new"),
    [
        (4, {"id": "http://x/y", "type": "object"}, {"type": "object"}),
        (7, {"$id": "http://x/y", "$schema": "http://json-schema.org/draft-07/schema#"}, {}),
        (4, {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        (4, {"exclusiveMaximum": True, "maximum": 1}, {"exclusiveMaximum": 1}),
        (4, {"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        (4, {"exclusiveMinimum": True}, {}),
        (6, {"minimum": 1, "exclusiveMinimum": 2}, {"minimum": 1, "exclusiveMinimum": 2}),
        (7, {"items": [TEXT, NUMBER]}, {"prefixItems": [TEXT, NUMBER]}),
        (7, {"items": [TEXT], "additionalItems": False}, {"prefixItems": [TEXT], "items": False}),
        (7, {"additionalItems": NUMBER, "items": [TEXT]}, {"items": NUMBER, "prefixItems": [TEXT]}),
        (7, {"items": [], "additionalItems": NUMBER}, {"items": NUMBER}),
        (7, {"items": TEXT, "additionalItems": False}, {"items": TEXT}),
        (7, {"additionalItems": False}, {}),
        (
            7,
            {"dependencies": {"a": ["b"], "c": TEXT}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": TEXT}},
        ),
        (7, {"dependencies": {"a": False}}, {"dependentSchemas": {"a": False}}),
        (7, {"definitions": {"a": TEXT}}, {"$defs": {"a": TEXT}}),
        (
            7,
            {"properties": {"definitions": {"items": [TEXT]}}},
            {"properties": {"definitions": {"prefixItems": [TEXT]}}},
        ),
        (7, {"properties": {}}, {"properties": {}}),
        (7, {"const": {"items": [1]}, "enum": [{"id": 1}]}, {"const": {"items": [1]}, "enum": [{"id": 1}]}),
        (7, {"if": {"items": [TEXT]}, "then": True}, {"if": {"prefixItems": [TEXT]}, "then": True}),
        (
            7,
            {"x-owner": "a", "examples": [1], "deprecated": True},
            {"x-owner": "a", "examples": [1], "deprecated": True},
        ),
        (8, {"items": [TEXT], "unevaluatedItems": False}, {"prefixItems": [TEXT], "unevaluatedItems": False}),
        (9, {"prefixItems": [TEXT], "items": False}, {"prefixItems": [TEXT], "items": False}),
        (7, True, True),
    ],
)
def test_keywords(draft: int, old: Any, new: Any):
    assert converted(old, Draft(draft)) == new


@pytest.mark.parametrize(
    ("draft", "schema"),
    [
        (4, {"const": 1}),
        (4, {"if": {}}),
        (6, {"if": {}}),
        (7, {"minContains": 2}),
        (7, {"unevaluatedProperties": False}),
        (7, {"prefixItems": [TEXT]}),
        (7, {"id": "x"}),
        (7, {"maxiumum": 3}),
        (9, {"additionalItems": False}),
    ],
)
def test_what_means_nothing_in_its_draft_is_left_out_and_noted(draft: int, schema: dict[str, Any]):
    assert converted(schema, Draft(draft)) == {}
    (keyword,) = schema
    assert noted(schema, Draft(draft)) == [("unknown_keyword", f"/{keyword}")]


def test_one_note_counts_the_places_of_a_keyword():
    (note,) = convert_to_2020_12(
        {"properties": {"a": {"nullable": True}, "b": {"nullable": True}}}, default=Draft.DRAFT_07
    ).notes
    left_out = "`nullable` means nothing in draft-07 and is left out (2 places)."
    assert note.what == f'{left_out} Did you mean "null" among the types?'


def test_the_schema_names_its_draft():
    assert converted(
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True}
    ) == {"exclusiveMinimum": 1}
    assert refused({"$schema": "http://json-schema.org/draft-03/schema#"}) == ["unknown_draft"]
    assert refused({"$schema": "https://example.com/own"}) == ["unknown_draft"]
    assert refused({"$schema": 7}) == ["unknown_draft"]


def test_beside_a_reference_only_words_count_until_draft_07():
    schema = {"$ref": "#/definitions/a", "minLength": 3, "title": "A", "definitions": {"a": TEXT}}
    assert converted(schema) == {"$ref": "#/$defs/a", "title": "A", "$defs": {"a": TEXT}}
    assert noted(schema) == [("beside_reference", "")]
    newer = {"$ref": "#/$defs/a", "minLength": 3, "$defs": {"a": TEXT}}
    assert converted(newer, Draft.DRAFT_2019_09) == newer


@pytest.mark.parametrize(
    ("reference", "moved"),
    [
        ("#", "#"),
        ("#/definitions/a", "#/$defs/a"),
        ("#/properties/definitions", "#/properties/definitions"),
        ("#/properties/list/items/1", "#/properties/list/prefixItems/1"),
        ("#/properties/list/additionalItems", "#/properties/list/items"),
        ("#/dependencies/x", "#/dependentSchemas/x"),
        ("#/definitions/sl~1ash%25%20y", "#/$defs/sl~1ash%25%20y"),
        ("#named", "#/$defs/n"),
        ("http://x/root.json#/definitions/a", "#/$defs/a"),
        ("root.json", "#"),
        ("inner.json#/definitions/deep", "#/$defs/inner/$defs/deep"),
    ],
)
def test_references_follow_their_target(reference: str, moved: str):
    schema = {
        "$id": "http://x/root.json",
        "properties": {
            "definitions": TEXT,
            "list": {"items": [TEXT, NUMBER], "additionalItems": False},
            "it": {"$ref": reference},
        },
        "dependencies": {"x": TEXT, "y": ["z"]},
        "definitions": {
            "a": TEXT,
            "sl/ash% y": TEXT,
            "n": {"$id": "#named", "type": "string"},
            "inner": {"$id": "inner.json", "definitions": {"deep": TEXT}},
        },
    }
    assert converted(schema)["properties"]["it"] == {"$ref": moved}


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("http://169.254.169.254/latest", "remote_reference"),
        ("file:///etc/passwd", "remote_reference"),
        ("other.json", "remote_reference"),
        ("#/definitions/b", "lost_reference"),
        ("#/dependencies/y", "lost_reference"),
        ("#/properties/list/items/7", "lost_reference"),
        ("#/properties/list/items", "lost_reference"),
        ("#/properties", "lost_reference"),
        ("#/unknown/a", "lost_reference"),
        ("#nowhere", "lost_reference"),
        ("http://[", "remote_reference"),
    ],
)
def test_references_that_lead_nowhere_are_refused(reference: str, code: str):
    schema = {
        "properties": {"list": {"items": [TEXT]}, "it": {"$ref": reference}},
        "dependencies": {"y": ["z"]},
        "unknown": {"a": TEXT},
    }
    assert refused(schema) == [code]


def test_a_reference_that_is_no_uri_is_refused():
    assert refused({"$id": "http://x/y", "items": {"$ref": "http://["}}) == ["lost_reference"]
    assert converted({"$id": "http://[", "$ref": "#"}) == {"$ref": "#"}


def test_references_inside_a_schema_with_an_id_start_from_there():
    schema = {
        "id": "http://x/a",
        "definitions": {"b": {"id": "b", "definitions": {"c": TEXT}, "items": {"$ref": "#/definitions/c"}}},
    }
    assert converted(schema, Draft.DRAFT_04)["$defs"]["b"]["items"] == {"$ref": "#/$defs/b/$defs/c"}


def test_schemas_of_the_upload_come_along_with_what_they_refer_to():
    library: dict[str, Any] = {
        "/a": {"definitions": {"x": {"$ref": "/b#/definitions/y"}}, "type": "object", "items": [{"$ref": "#"}]},
        "/b": {"$schema": "http://json-schema.org/draft-04/schema#", "definitions": {"y": {"$ref": "/a#"}}},
    }
    made = converted({"$id": "/main", "allOf": [{"$ref": "/a#/definitions/x"}]}, external=library.get)
    assert made == {
        "allOf": [{"$ref": "#/$defs/~1a/$defs/x"}],
        "$defs": {
            "/a": {
                "$defs": {"x": {"$ref": "#/$defs/~1b/$defs/y"}},
                "type": "object",
                "prefixItems": [{"$ref": "#/$defs/~1a"}],
            },
            "/b": {"$defs": {"y": {"$ref": "#/$defs/~1a"}}},
        },
    }


def test_taking_along_is_bounded():
    def endless(uri: str) -> dict[str, Any]:
        return {"items": {"$ref": f"{uri}x"}}

    assert refused({"items": {"$ref": "/a"}}, external=endless) == ["too_many_references"]


@pytest.mark.parametrize("keyword", ["$recursiveRef", "$dynamicRef"])
def test_references_that_depend_on_the_way_are_refused(keyword: str):
    draft = Draft.DRAFT_2019_09 if keyword == "$recursiveRef" else Draft.DRAFT_2020_12
    assert refused({"items": {keyword: "#"}}, draft) == ["dynamic_reference"]


def test_younger_formats_and_whole_numbers_are_noted():
    schema = {"properties": {"a": {"format": "uuid"}, "b": {"format": "date-time"}, "c": {"type": ["null", "integer"]}}}
    assert noted(schema, Draft.DRAFT_04) == [
        ("younger_format", "/properties/a/format"),
        ("whole_numbers", "/properties/c/type"),
    ]
    assert noted(schema, Draft.DRAFT_2019_09) == []


@pytest.mark.parametrize("schema", [7, None, "x", [], {"properties": {"a": 1}}, {"items": "x"}, {"allOf": [None]}])
def test_what_is_no_schema_is_refused(schema: Any):
    assert refused(schema) == ["not_a_schema"]
