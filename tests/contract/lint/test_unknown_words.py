"""The lint of words that nobody knows: keywords, formats, members of the document; each with the nearest known one."""

import pytest

from catalog.contract import LintSeverity, lint_definition
from tests.contract.lint.linted_definitions import document_with, found, root_issues

E, N = LintSeverity.ERROR, LintSeverity.NOTE


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("maxlength", "maxLength"), ("max_length", "maxLength"), ("mexLength", "maxLength"), ("enums", "enum"),
        ("requird", "required"), ("maxiumum", "maximum"), ("descripotion", "description"), ("oneof", "oneOf"),
        ("any-of", "anyOf"), ("aditionalProperties", "additionalProperties"), ("tpye", "type"), ("min", "minimum"),
        ("regex", "pattern"), ("ref", "$ref"), ("sensitive", "sensitivity"), ("Enum", "enum"),
        ("nullable", '"null" among the types'), ("optional", "the object's required"),
        ("dependencies", "dependentRequired or dependentSchemas"), ("additionalItems", "items beside prefixItems"),
        ("requiredProperties", "required"), ("optionalProperties", "properties without required"),
        ("mandatory", "the object's required"), ("constant", "const"), ("allowNull", '"null" among the types'),
        ("additionalProps", "additionalProperties"), ("maximumLength", "maxLength"), ("gte", "minimum"),
        ("minValue", "minimum"), ("lt", "exclusiveMaximum"), ("dataType", "type"), ("elements", "items"),
        ("maximumItems", "maxItems"), ("minProps", "minProperties"), ("max_count", "maxItems"),
        ("lengthMin", "minLength"),
        ("maxCharacters", "maxLength"), ("minInclusive", "minimum"), ("maxExclusive", "exclusiveMaximum"),
        ("valueMax", "maximum"), ("enumValues", "enum"), ("valid_values", "enum"), ("allowed", "enum"),
        ("notNull", 'a type without "null"'), ("allowsNull", '"null" among the types'),
        ("lessThan", "exclusiveMaximum"),
        ("notEmpty", "minLength, minItems or minProperties"), ("optionalFields", "properties without required"),
        ("isPII", "sensitivity"), ("allow_unknown", "additionalProperties"), ("lenght", "minLength and maxLength"),
    ],
)  # fmt: skip
def test_a_keyword_that_nobody_knows_is_answered_with_the_nearest(word, nearest):
    (issue,) = lint_definition(document_with({word: {}}))
    assert (issue.code, issue.severity, issue.place) == ("unknown_keyword", E, "p")
    assert issue.detail.endswith(f"Did you mean {nearest}?")


@pytest.mark.parametrize(
    "word", ["x-maxlength", "tsType", "when", "note", "id", "key", "labels", "name", "unit", "self", "group", "tracker"]
)
def test_a_word_of_another_tool_is_a_note(word):
    assert found({word: True}) == [("foreign_keyword", f"/{word}", N)]


@pytest.mark.parametrize(
    "described",
    [
        {"type": "string"},
        {"type": ["null", "integer"], "minimum": 1},
        {"$ref": "#/$defs/sku"},
        {"enum": ["EUR", "USD"]},
        {"anyOf": [{"minimum": 1}, {"maxLength": 2}]},
        {"allOf": [{"$ref": "#"}]},
    ],
)
def test_a_property_outside_of_properties_is_refused(described):
    told = (
        '"sku" is no keyword of JSON Schema, so nobody checks it. Put it under properties, if it describes a property.'
    )

    for schema in ({"sku": described}, {"type": "object", "sku": described, "properties": {"id": {}}}):
        issues = lint_definition({"name": "A", "schema": schema})
        assert [(each.code, each.path, each.severity, each.detail) for each in issues] == [
            ("unknown_keyword", "/schema/sku", E, told)
        ]
    assert found({"type": "object", "sku": described}) == [("unknown_keyword", "/sku", E)]
    assert found({"type": "array", "sku": described}) == [("foreign_keyword", "/sku", N)]


@pytest.mark.parametrize(
    "value",
    [
        *({"type": "must be a text"}, {"type": []}, {"propertyName": "kind"}, "string", {}, []),
        *(
            {"$ref": "other.json"},
            {"$ref": 1},
            {"enum": {"a": "must be one"}},
            {"anyOf": "x"},
            {"description": "of it"},
        ),
    ],
)
def test_a_word_of_another_tool_may_hold_anything(value):
    assert found({"errorMessage": value}) == [("foreign_keyword", "/errorMessage", N)]
    assert found({"x-sku": {"type": "string"}}) == [("foreign_keyword", "/x-sku", N)]


@pytest.mark.parametrize(
    ("keyword", "value", "effect"),
    [
        ("additionalProperties", False, "forbids a property of that name"),
        ("additionalProperties", True, "allows anything under that name"),
        ("unevaluatedProperties", False, "forbids a property of that name"),
        ("required", True, "allows anything under that name"),
        ("uniqueItems", True, "allows anything under that name"),
        ("deprecated", True, "allows anything under that name"),
    ],
)
def test_a_keyword_among_the_properties_is_refused(keyword, value, effect):
    schema = {"type": "object", "properties": {"id": {"type": "string"}, keyword: value}}
    detail = f'Among the properties, "{keyword}" {effect} and does nothing else. Put it beside properties.'
    for path, document in (
        (f"/schema/properties/{keyword}", {"name": "A", "schema": schema}),
        (f"/schema/properties/p/items/properties/{keyword}", document_with({"type": "array", "items": schema})),
    ):
        issues = [each for each in lint_definition(document) if each.code == "unknown_keyword"]
        assert [(each.path, each.severity, each.detail) for each in issues] == [(path, E, detail)]


def test_a_property_may_be_called_as_a_keyword_is():
    properties = {"additionalProperties": {"type": "boolean"}, "required": {"type": "boolean"}, "default": True}
    assert root_issues({"properties": properties | {"items": False, "title": True, "enum": {}}}) == []


def test_a_property_may_be_called_as_a_keyword_is_misspelt():
    assert root_issues({"properties": {"maxlength": {"type": "integer"}, "requird": {}}}) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("datetime", "date-time"), ("date_time", "date-time"), ("dateTime", "date-time"), ("timestamp", "date-time"),
        ("url", "uri"), ("URL", "uri"), ("guid", "uuid"), ("UUID", "uuid"), ("e-mail", "email"), ("ip", "ipv4"),
        ("iso8601", "date-time"), ("full-date", "date"), ("uri-ref", "uri-reference"), ("FQDN", "hostname"),
    ],
)  # fmt: skip
def test_a_format_that_nobody_knows_is_answered_with_the_nearest(name, nearest):
    (issue,) = lint_definition(document_with({"type": "string", "format": name}))
    assert (issue.code, issue.severity) == ("unknown_format", E)
    assert issue.detail.endswith(f"Did you mean {nearest}?")


@pytest.mark.parametrize("name", ["int64", "color", "phone", "ulid", "CUID", "partial-time"])
def test_a_format_near_no_other_says_what_to_do_instead(name):
    (issue,) = lint_definition(document_with({"type": "string", "format": name}))
    assert issue.code == "unknown_format"
    assert "Did you mean" not in issue.detail


@pytest.mark.parametrize(
    ("member", "nearest"), [("discription", "description"), ("per_sources", "per_source"), ("triger", "trigger")]
)
def test_a_member_of_the_document_that_nobody_reads_is_told(member, nearest):
    (issue,) = lint_definition(document_with({}, **{member: "x"}))
    assert (issue.code, issue.path, issue.severity) == ("unknown_member", f"/{member}", E)
    assert nearest in issue.detail
