"""The lint of what no event can meet: schemas, alternatives, types, values, and what is required and not described."""

import pytest

from catalog.contract import Event, LintSeverity, compile_contract, lint_definition
from tests.contract.lint.linted_definitions import document_with, found, root_issues

E, W = LintSeverity.ERROR, LintSeverity.WARNING


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


def test_what_a_schema_for_all_other_members_describes_may_be_required():
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        assert root_issues({"properties": {"a": {}}, "required": ["b"], keyword: {"type": "integer"}}) == []


@pytest.mark.parametrize(
    ("schema", "consequence"),
    [
        ({"required": ["b"]}, "every event that has it breaks a rule"),
        ({"required": ["b"], "additionalProperties": False}, "every event that has it breaks a rule"),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "every event that has it breaks a rule"),
        ({"dependentRequired": {"a": ["b"]}}, "every event that has it breaks a rule"),
        ({"required": ["b"], "additionalProperties": True}, "nobody checks it"),
        ({"required": ["b"], "unevaluatedProperties": True}, "nobody checks it"),
        ({"allOf": [{"additionalProperties": True}], "dependentRequired": {"a": ["b"]}}, "nobody checks it"),
    ],
)
def test_what_follows_from_requiring_it_is_so(schema, consequence):
    document = {"name": "A", "schema": {"type": "object", "properties": {"a": {}}} | schema}
    (issue,) = lint_definition(document)
    assert f"nothing says what it is: {consequence}." in issue.detail
    is_told = bool(compile_contract(document).check(Event(call="track", properties={"a": 1, "b": 1})).violations)
    assert is_told == (consequence != "nobody checks it")


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


NUMBER, TEXT = {"type": "number", "minimum": 5}, {"type": "string"}


@pytest.mark.parametrize(
    ("definition", "first", "second", "expected"),
    [
        (NUMBER, {}, {"maximum": 3}, [("unsatisfiable", "/properties/b")]),
        (
            NUMBER,
            {"maximum": 3},
            {"maximum": 4},
            [("unsatisfiable", "/properties/a"), ("unsatisfiable", "/properties/b")],
        ),
        ({"anyOf": [TEXT, NUMBER]}, {}, TEXT, []),
        ({"anyOf": [TEXT, NUMBER]}, TEXT, TEXT, [("unusable_branch", "/$defs/d/anyOf/1")]),
        ({"type": ["string", "null"]}, {}, {"minLength": 1, "type": "string"}, []),
        ({"type": ["string", "null"]}, {"type": "null"}, {"type": "string"}, []),
        ({"type": ["string", "null"]}, TEXT, TEXT, [("unusable_type", "/$defs/d/type")]),
        ({"enum": ["x", "yy", "zzz"]}, {"minLength": 2}, {"maxLength": 2}, []),
        ({"enum": ["x", "yy", "zzz"]}, {"maxLength": 1}, {"maxLength": 2}, [("unusable_value", "/$defs/d/enum/2")]),
        (
            {"properties": {"v": TEXT}},
            {},
            {"properties": {"v": NUMBER}},
            [("unsatisfiable", "/properties/b/properties/v")],
        ),
    ],
)
def test_what_two_refer_to_is_told_only_if_neither_can_use_it(definition, first, second, expected):
    properties = {"a": {"$ref": "#/$defs/d"} | first, "b": {"$ref": "#/$defs/d"} | second}
    for order in (properties, dict(reversed(properties.items()))):
        assert sorted(root_issues({"$defs": {"d": definition}, "properties": order})) == expected


def test_a_property_that_another_one_refers_to_is_not_blamed_for_it():
    schema = {"properties": {"a": NUMBER, "b": {"$ref": "#/properties/a", "maximum": 3}}}
    assert root_issues(schema) == [("unsatisfiable", "/properties/b")]


def test_what_holds_for_the_outermost_of_a_tree_alone_makes_nothing_in_it_unusable():
    outermost = {"$ref": "#/$defs/node", "properties": {"v": {"type": "string"}}}

    def issues_with(value):
        node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "v": value}}
        return root_issues({"$defs": {"node": node}, "properties": {"a": outermost}})

    either = {"anyOf": [TEXT, NUMBER]}
    assert issues_with(either) == []
    assert issues_with(either | {"type": "string"}) == [("unusable_branch", "/$defs/node/properties/v/anyOf/1")]


def test_an_alternative_that_is_a_reference_is_told_as_if_it_were_written_out():
    definitions = {"d": {"type": "string", "minLength": 1}, "e": {"type": "integer"}}
    schema = {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/d"}, {"$ref": "#/$defs/e"}]}
    assert root_issues({"$defs": definitions, "properties": {"a": schema}}) == [
        ("unusable_branch", "/properties/a/oneOf/1")
    ]


def test_where_not_all_places_were_found_nothing_that_others_may_use_is_told():
    many = {f"d{n}": {"properties": {f"x{m}": {"$ref": f"#/$defs/d{n + 1}"} for m in range(5)}} for n in range(5)}
    definitions = many | {"d5": {"anyOf": [TEXT, {"type": "null"}]}, "either": {"anyOf": [TEXT, NUMBER]}}
    narrowed, wide = {"$ref": "#/$defs/either", "type": "string"}, {"$ref": "#/$defs/either"}
    assert root_issues({"$defs": definitions, "properties": {"a": narrowed}}) == [
        ("unusable_branch", "/$defs/either/anyOf/1")
    ]
    schema = {"$defs": definitions, "properties": {"a": narrowed, "many": {"$ref": "#/$defs/d0"}, "z": wide}}
    assert root_issues(schema) == []
