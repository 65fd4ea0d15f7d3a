"""The lint: each rule finds its bad example and leaves its good one, and its neighbours, alone."""

import json
import uuid
from datetime import date

import pytest

from catalog.contract import Authorship, LintSeverity, PlannedDates, find_problems, lint_dates, lint_definition
from catalog.contract.lint.lint_tables import DATE_RULES, DEFINITION_RULES, LINT_RULES
from catalog.contract.lint.linter import readable_place

E, W, N = LintSeverity.ERROR, LintSeverity.WARNING, LintSeverity.NOTE


def document_with(schema, **members):
    document = {"name": "Order Completed", "schema": {"type": "object", "properties": {"p": schema}}} | members
    assert find_problems(document) == []
    return document


def found(schema, **options):
    return [(issue.code, issue.path.removeprefix("/schema/properties/p"), issue.severity) for issue in
            lint_definition(document_with(schema), **options)]  # fmt: skip


def codes(schema):
    return {code for code, _path, _severity in found(schema)}


def root_issues(schema):
    document = {"name": "Order Completed", "schema": {"type": "object"} | schema}
    assert find_problems(document) == []
    return [(issue.code, issue.path.removeprefix("/schema")) for issue in lint_definition(document)]


def example_document(text):
    example = json.loads(text)
    return example if "schema" in example else document_with(example)


@pytest.mark.parametrize("rule", DEFINITION_RULES, ids=lambda rule: rule.code)
def test_a_rule_finds_its_bad_example_and_leaves_its_good_one(rule):
    assert [(issue.code, issue.severity) for issue in lint_definition(example_document(rule.text.bad))] == [
        (rule.code, rule.severity)
    ]
    assert lint_definition(example_document(rule.text.good)) == []


@pytest.mark.parametrize("rule", DATE_RULES, ids=lambda rule: rule.code)
def test_a_rule_of_dates_finds_its_bad_example_and_leaves_its_good_one(rule):
    def issues(text):
        days = {name: date.fromisoformat(day) for name, day in json.loads(text).items()}
        ends_on = (("Order Paid", days["ends_on"]),) if "ends_on" in days else ()
        return lint_dates(PlannedDates(days["today"], days.get("review_by"), ends_on))

    assert [(issue.code, issue.severity) for issue in issues(rule.text.bad)] == [(rule.code, rule.severity)]
    assert issues(rule.text.good) == []


def test_every_rule_has_a_code_of_its_own_and_a_sentence():
    assert len({rule.code for rule in LINT_RULES}) == len(LINT_RULES)
    assert all(rule.text.what.endswith(".") for rule in LINT_RULES)


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("maxlength", "maxLength"), ("max_length", "maxLength"), ("mexLength", "maxLength"), ("enums", "enum"),
        ("requird", "required"), ("maxiumum", "maximum"), ("descripotion", "description"), ("oneof", "oneOf"),
        ("any-of", "anyOf"), ("aditionalProperties", "additionalProperties"), ("tpye", "type"), ("min", "minimum"),
        ("regex", "pattern"), ("ref", "$ref"), ("sensitive", "sensitivity"), ("Enum", "enum"),
        ("nullable", '"null" among the types'), ("optional", "the object's required"),
        ("dependencies", "dependentRequired or dependentSchemas"), ("additionalItems", "items beside prefixItems"),
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


def test_a_property_may_be_called_as_a_keyword_is_misspelt():
    assert root_issues({"properties": {"maxlength": {"type": "integer"}, "requird": {}}}) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("datetime", "date-time"), ("date_time", "date-time"), ("dateTime", "date-time"), ("timestamp", "date-time"),
        ("url", "uri"), ("URL", "uri"), ("guid", "uuid"), ("UUID", "uuid"), ("e-mail", "email"), ("ip", "ipv4"),
        ("iso8601", "date-time"),
    ],
)  # fmt: skip
def test_a_format_that_nobody_knows_is_answered_with_the_nearest(name, nearest):
    (issue,) = lint_definition(document_with({"type": "string", "format": name}))
    assert (issue.code, issue.severity) == ("unknown_format", E)
    assert issue.detail.endswith(f"Did you mean {nearest}?")


@pytest.mark.parametrize("name", ["int64", "color", "phone"])
def test_a_format_near_no_other_says_what_to_do_instead(name):
    (issue,) = lint_definition(document_with({"type": "string", "format": name}))
    assert issue.code == "unknown_format"
    assert "Did you mean" not in issue.detail


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": 5, "maximum": 1, "type": "number"},
        {"type": "string", "enum": [1, 2]},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"type": "string", "const": "x", "pattern": "^y"},
        {"type": "integer", "minimum": 1.2, "maximum": 1.8},
        {"type": "integer", "multipleOf": 10, "minimum": 11, "maximum": 19},
        {"type": "array", "items": False, "minItems": 1},
        {"type": "array", "minItems": 2, "maxItems": 1},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"type": "string", "allOf": [{"type": ["integer", "null"]}]},
        {"type": "string", "enum": ["now"], "format": "date-time"},
        {"type": "string", "anyOf": [{"type": "number"}, {"type": "object"}]},
        {"oneOf": [{"type": "string"}, {"type": "string"}]},
        {"type": "integer", "oneOf": [{"minimum": 1}, {"minimum": 1}, False]},
        {"type": "string", "anyOf": [{"type": "number"}, {"maxLength": 1, "oneOf": [{"minLength": 2}, {"enum": [1]}]}]},
    ],
)
def test_what_no_event_can_meet_is_an_error(schema):
    assert [(code, severity) for code, _path, severity in found(schema)] == [("unsatisfiable", E)]


def test_only_the_innermost_is_told():
    inner = {"type": "integer", "minimum": 5, "maximum": 1}
    nested = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": inner, "minItems": 1}},
        "required": ["a"],
    }
    assert found(nested) == [("unsatisfiable", "/properties/a/items", E)]


def test_where_no_alternative_is_left_it_is_what_offers_them():
    schema = {"anyOf": [{"type": "string"}, {"type": "number", "oneOf": [{"enum": ["x"]}, {"type": "null"}]}]}
    both = {"type": "object", "properties": {"a": schema}}
    assert found(both) == [("unusable_branch", "/properties/a/anyOf/1", W)]
    only = {"type": "object", "properties": {"a": {"anyOf": schema["anyOf"][1:]}}}
    assert found(only) == [("unsatisfiable", "/properties/a", E)]


def test_two_of_them_are_both_told():
    bad = {"type": "string", "enum": [1]}
    assert root_issues({"properties": {"a": bad, "b": {"type": "object", "properties": {"c": bad}}}}) == [
        ("unsatisfiable", "/properties/a"),
        ("unsatisfiable", "/properties/b/properties/c"),
    ]


def test_a_definition_that_two_properties_refer_to_is_told_once_where_it_stands():
    schema = {
        "$defs": {"code": {"type": "string", "enum": [1]}, "unused": {"type": "string", "enum": [2]}},
        "properties": {"a": {"$ref": "#/$defs/code"}, "b": {"$ref": "#/$defs/code"}},
        "required": ["a"],
    }
    assert root_issues(schema) == [("unsatisfiable", "/$defs/code")]


def test_what_contradicts_what_stands_elsewhere_of_the_same_property_is_told():
    schema = {"properties": {"a": {"type": "string"}}, "allOf": [{"properties": {"a": {"enum": [1, 2]}}}]}
    assert [code for code, _path in root_issues(schema)] == ["unsatisfiable", "unsatisfiable"]
    schema = {"properties": {"a": {"type": "string"}}, "allOf": [{"properties": {"a": {"enum": [1, "one"]}}}]}
    assert root_issues(schema) == [("unusable_value", "/allOf/0/properties/a/enum/0")]


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"not": {}},
        {"type": "object", "properties": {"gone": False}},
        {"type": "array", "items": False},
        {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 1}},
        {"if": {"const": 1}, "then": False},
        {"not": {"type": "string", "enum": [1]}},
        {"type": ["string", "null"], "maxLength": 5},
        {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 1e16, "multipleOf": 0.01},
        {"type": ["integer", "number"], "minimum": 2**63},
        {"type": "string", "format": "uri", "maxLength": 1},
        {"anyOf": [{}, {}], "allOf": [{"anyOf": [{}, {}]}]},
        {"const": None, "type": "null"},
        {"enum": ["a", 1, None]},
        {"type": "object", "patternProperties": {"^a": {}}, "required": ["abc"]},
        {"type": "object", "additionalProperties": {"type": "string"}, "required": ["abc"]},
        {"type": "object", "properties": {"a": {}}, "not": {"required": ["b"]}},
        {"type": "object", "required": ["a"], "anyOf": [{"properties": {"a": {}}}, {"properties": {"a": {}, "b": {}}}]},
        {"type": "object", "properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"maxProperties": 0}]},
    ],
)
def test_what_is_meant_or_may_be_met_is_left_alone(schema):
    assert found(schema) == []


def test_a_tree_that_holds_itself_is_left_alone_and_one_without_an_end_is_told():
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    assert root_issues({"$defs": {"node": node}, "properties": {"a": {"$ref": "#/$defs/node"}}}) == []
    endless = node | {"required": ["next"]}
    assert root_issues({"$defs": {"node": endless}, "properties": {"a": {"$ref": "#/$defs/node"}}}) == [
        ("unsatisfiable", "/$defs/node/properties/next")
    ]


def test_a_mixin_that_requires_what_its_user_describes_is_left_alone():
    schema = {
        "$defs": {"contact": {"required": ["email"]}},
        "properties": {"email": {"type": "string"}, "id": {"type": "string"}},
        "allOf": [{"$ref": "#/$defs/contact"}, {"anyOf": [{"required": ["id"]}, {"required": ["email"]}]}],
    }
    assert root_issues(schema) == []


def test_required_of_what_nothing_describes_is_told_at_each_depth():
    assert root_issues({"properties": {"a": {"type": "string"}}, "required": ["c"]}) == [
        ("required_undescribed", "/required")
    ]
    closed = {"type": "object", "properties": {"a": {}}, "required": ["c"], "additionalProperties": False}
    assert found({"type": "array", "items": closed}) == [("required_undescribed", "/items/required", E)]
    assert root_issues({"properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b", "c"]}]}) == [
        ("required_undescribed", "/anyOf/1/required"),
        ("required_undescribed", "/anyOf/1/required"),
    ]


def test_what_is_required_beside_another_property_is_described_too():
    described = {"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"], "x": []}}
    assert root_issues(described) == []
    assert root_issues(described | {"dependentRequired": {"a": ["b", "c"], "b": ["d"]}}) == [
        ("required_undescribed", "/dependentRequired/a"),
        ("required_undescribed", "/dependentRequired/b"),
    ]
    assert found({"type": "array", "items": {"dependentRequired": {"a": ["c"]}, "properties": {"a": {}}}}) == [
        ("required_undescribed", "/items/dependentRequired/a", E)
    ]


def test_context_may_require_what_it_does_not_describe_since_it_is_open():
    document = document_with({}, context={"type": "object", "required": ["app"]})
    assert lint_definition(document) == []


def test_alternatives_that_no_event_can_use_are_told():
    assert found({"type": "string", "oneOf": [{"maxLength": 3}, {"type": "integer"}]}) == [
        ("unusable_branch", "/oneOf/1", W)
    ]
    # Every integer is a number, so that an integer always fits both.
    assert found({"oneOf": [{"type": "number"}, {"type": "integer"}]}) == [("unusable_branch", "/oneOf/1", W)]
    assert found({"anyOf": [{"type": "number"}, {"type": "integer"}]}) == []
    assert found({"oneOf": [{"type": "null"}, {"type": "string", "enum": [1]}]}) == [("unusable_branch", "/oneOf/1", W)]


def test_types_and_values_that_no_event_can_carry_are_told():
    assert found({"type": ["string", "null"], "enum": ["a"]}) == [("unusable_type", "/type", W)]
    assert found({"type": "string", "maxLength": 3, "enum": ["abc", "abcd", 5]}) == [
        ("unusable_value", "/enum/1", W),
        ("unusable_value", "/enum/2", W),
    ]
    assert found({"type": "string", "enum": ["a", "b"], "allOf": [{"enum": ["b", "c"]}]}) == [
        ("unusable_value", "/allOf/0/enum/1", W),
        ("unusable_value", "/enum/0", W),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minLength": 1},
        {"type": "array", "minLength": 1},
        {"type": "string", "maximum": 1},
        {"type": "number", "format": "date"},
        {"type": ["string", "null"], "required": ["a"]},
        {"then": {"minLength": 1}},
        {"type": "array", "minContains": 2},
    ],
)
def test_a_keyword_that_says_nothing_where_it_stands_is_told(schema):
    assert "idle_keyword" in codes(schema)


@pytest.mark.parametrize(
    "names",
    [
        [str(number) for number in range(300)],
        [str(uuid.UUID(int=number)) for number in range(300)],
        [f"user_{number}" for number in range(10_000, 10_300)],
        [f"{number:08x}f1" for number in range(300)],
        [f"2026-03-{day:02}" for day in range(1, 30)],
        [f"p{number}@example.com" for number in range(20)],
    ],
)
def test_properties_that_look_like_a_map_of_ids_are_told(names):
    assert root_issues({"properties": {name: {"type": "string"} for name in names}}) == [("map_of_ids", "/properties")]


@pytest.mark.parametrize(
    "names",
    [
        [f"dimension{number}" for number in range(1, 201)],
        [f"step_{number}" for number in range(100)],
        [str(number) for number in range(19)],
        ["facade", "deadbeef", "cafe", *(f"name_{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")],
    ],
)
def test_many_properties_with_names_are_no_map(names):
    assert root_issues({"properties": {name: {"type": "string"} for name in names}}) == []


def test_what_an_importer_brings_is_all_notes():
    schema = {"type": "string", "maxlength": 3, "enum": [1], "format": "url"}
    assert {severity for _code, _path, severity in found(schema, authorship=Authorship.IMPORTER)} == {N}
    assert {code for code, _path, _severity in found(schema, authorship=Authorship.IMPORTER)} == {
        "unknown_keyword", "unknown_format", "unsatisfiable"
    }  # fmt: skip


def test_what_the_version_before_has_already_is_a_note_until_it_is_touched():
    parent = document_with({"type": "string", "maxlength": 3})
    assert found({"type": "string", "maxlength": 3, "description": "Words."}, parent=parent) == [
        ("unknown_keyword", "/maxlength", N)
    ]
    assert found({"type": "string", "maxlength": 4}, parent=parent) == [("unknown_keyword", "/maxlength", E)]
    assert found({"type": "string", "maxlength": 3, "minlength": 1}, parent=parent) == [
        ("unknown_keyword", "/minlength", E),
        ("unknown_keyword", "/maxlength", N),
    ]


def test_a_value_that_moves_in_its_list_is_as_old_as_it_was():
    parent = document_with({"type": "string", "enum": ["a", 1]})
    assert found({"type": "string", "enum": [1, "a", "b"]}, parent=parent) == [("unusable_value", "/enum/0", N)]
    assert found({"type": "string", "enum": [1, "a", 2]}, parent=parent) == [
        ("unusable_value", "/enum/2", W),
        ("unusable_value", "/enum/0", N),
    ]


def test_the_same_defect_on_a_second_property_is_new():
    parent = {"name": "A", "schema": {"type": "object", "properties": {"a": {"maxlength": 1}}}}
    child = {"name": "A", "schema": {"type": "object", "properties": {"a": {"maxlength": 1}, "b": {"maxlength": 1}}}}
    assert [(issue.path, issue.severity) for issue in lint_definition(child, parent=parent)] == [
        ("/schema/properties/b/maxlength", E),
        ("/schema/properties/a/maxlength", N),
    ]


@pytest.mark.parametrize(
    ("member", "nearest"), [("discription", "description"), ("per_sources", "per_source"), ("triger", "trigger")]
)
def test_a_member_of_the_document_that_nobody_reads_is_told(member, nearest):
    (issue,) = lint_definition(document_with({}, **{member: "x"}))
    assert (issue.code, issue.path, issue.severity) == ("unknown_member", f"/{member}", E)
    assert nearest in issue.detail


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/schema/properties/total/maxlength", "total"),
        ("/schema/properties/products/items/properties/price/enum/3", "products[].price"),
        ("/context/properties/app/properties/version/format", "context.app.version"),
        ("/schema/properties/properties/properties/a", "properties.a"),
        ("/schema/patternProperties/^x/minimum", "(any key)"),
        ("/schema/anyOf/1/properties/a/type", "a"),
        ("/schema/required", ""),
        ("/discription", ""),
    ],
)
def test_a_place_is_written_as_people_read_it(path, place):
    assert readable_place(path) == place


TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (PlannedDates(TODAY, TODAY), ["review_date"]),
        (PlannedDates(TODAY, date(2026, 3, 2)), []),
        (PlannedDates(TODAY, None, (("A", TODAY),)), []),
        (PlannedDates(TODAY, None, (("A", date(2026, 2, 28)), ("B", date(2025, 1, 1)))), ["end_date", "end_date"]),
        (PlannedDates(TODAY, date(2036, 9, 1), (("A", date(2226, 6, 1)),)), ["distant_date", "distant_date"]),
        (PlannedDates(TODAY), []),
    ],
)
def test_dates_that_cannot_do_their_work_are_told(dates, expected):
    assert [issue.code for issue in lint_dates(dates)] == expected
