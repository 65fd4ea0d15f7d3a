"""The lint of what a value could meet and no event can carry, since other properties or branches exclude it."""

import time

import pytest

from catalog.contract import LintSeverity, lint_definition
from tests.contract.lint.linted_definitions import found, root_issues

A = {"enum": ["card", "cash"]}
CARD, CASH = ({"properties": {"a": {"const": value}}, "required": ["a"]} for value in ("card", "cash"))


def and_(first, **keywords):
    return first | {"properties": first["properties"] | keywords}


@pytest.mark.parametrize(
    ("schema", "issues"),
    [
        # A value that each alternative of the event excludes, in one level and in two.
        (
            {"properties": {"a": {"enum": ["card", "cash", "coin"]}}, "required": ["a"], "anyOf": [CARD, CASH]},
            [("unusable_value", "/properties/a/enum/2")],
        ),
        (
            {"properties": {"a": A}, "anyOf": [CARD, {"allOf": [{"anyOf": [CARD]}]}]},
            [("unusable_value", "/properties/a/enum/1")],
        ),
        # A type that the alternatives exclude together, though none of them alone does.
        (
            {
                "properties": {"a": A, "b": {"type": ["string", "null", "integer"]}},
                "oneOf": [and_(CARD, b={"type": "string"}), and_(CASH, b={"type": "integer"})],
            },
            [("unusable_type", "/properties/b/type")],
        ),
        # A value of one property that a value of another one rules out.
        (
            {
                "properties": {"a": A, "b": {"enum": ["x", "y"]}},
                "required": ["a"],
                "if": CARD,
                "then": {"properties": {"b": {"const": "x"}}},
                "else": {"properties": {"b": False}},
            },
            [("unusable_value", "/properties/b/enum/1")],
        ),
        # A property that no event can carry.
        ({"properties": {"a": A, "b": {}}, "not": {"required": ["b"]}}, [("unsatisfiable", "/properties/b")]),
        (
            {"properties": {"a": A, "b": {}}, "required": ["a"], "maxProperties": 1},
            [("unsatisfiable", "/properties/b")],
        ),
        (
            {
                "properties": {"a": A, "b": {}},
                "dependentRequired": {"b": ["a"]},
                "allOf": [{"not": {"required": ["a"]}}],
            },
            [("unsatisfiable", "/properties/a"), ("unsatisfiable", "/properties/b")],
        ),
        # A branch that contradicts another one, and what follows from what never is.
        (
            {
                "properties": {"a": A},
                "anyOf": [CARD, CASH],
                "allOf": [{"anyOf": [CARD, {"required": ["a"], "not": CASH}]}],
            },
            [("unusable_branch", "/anyOf/1"), ("unusable_value", "/properties/a/enum/1")],
        ),
        ({"properties": {"a": A}, "if": {}, "then": {}, "else": {}}, [("unusable_branch", "/else")]),
        (
            {"properties": {"a": A}, "not": {"required": ["a"]}, "dependentSchemas": {"a": {"minProperties": 1}}},
            [("unsatisfiable", "/properties/a"), ("unusable_branch", "/dependentSchemas/a")],
        ),
        # Inside an item, a definition that two places refer to, and an object inside.
        (
            {
                "properties": {
                    "lines": {"type": "array", "items": {"type": "object", "properties": {"a": A}, "anyOf": [CARD]}}
                }
            },
            [("unusable_value", "/properties/lines/items/properties/a/enum/1")],
        ),
        (
            {
                "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"$ref": "#/$defs/a"}},
                "anyOf": [and_(CARD, b={"const": "card"})],
                "$defs": {"a": A},
            },
            [("unusable_value", "/$defs/a/enum/1")],
        ),
    ],
)
def test_what_the_event_excludes_is_told(schema, issues):
    assert sorted(root_issues(schema)) == sorted(issues)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": A}, "anyOf": [CARD, CASH]},
        {"properties": {"a": A}, "anyOf": [CARD, {"properties": {"b": {"type": "string"}}}]},
        {"properties": {"a": A, "b": {}}, "maxProperties": 1},
        {"properties": {"a": A, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"properties": {"a": A, "b": {}}, "if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {}},
        {
            "properties": {"a": {"$ref": "#/$defs/a"}, "b": {"$ref": "#/$defs/a"}},
            "anyOf": [CARD],
            "$defs": {"a": A},
        },
        {"properties": {"t": {"$ref": "#"}, "a": A}, "anyOf": [CARD, {"required": ["t"]}]},
    ],
)
def test_what_some_event_carries_is_not(schema):
    assert root_issues(schema) == []


def test_an_alternative_that_only_says_what_a_value_is_not_is_told_too():
    schema = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    excluded = {"not": {"properties": {"a": {"type": "string"}}}}
    assert root_issues(schema | {"anyOf": [excluded, {"minProperties": 1}]}) == [("unusable_branch", "/anyOf/0")]
    assert root_issues(schema | {"anyOf": [{"not": {}}, {"minProperties": 1}]}) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[a-z]{3}$", "maxLength": 2},
        {"type": "string", "pattern": "^[a-z]{1,3}$", "minLength": 4},
        {"type": "string", "pattern": "abc", "allOf": [{"maxLength": 2}]},
        {"type": "string", "pattern": "^a{5}$", "allOf": [{"pattern": "^b{6}$"}]},
    ],
)
def test_a_pattern_is_held_against_a_length(schema):
    assert [(code, severity) for code, _path, severity in found(schema)] == [("unsatisfiable", LintSeverity.ERROR)]


def test_an_optional_property_that_cannot_be_met_is_the_only_one_told():
    bad = {"type": "integer", "minimum": 5, "maximum": 1}
    assert root_issues(
        {"properties": {"a": A, "b": bad}, "anyOf": [{"required": ["a"]}, {"required": ["a", "b"]}]}
    ) == [
        ("unsatisfiable", "/properties/b"),
        ("unusable_branch", "/anyOf/1"),
    ]


def test_properties_that_nothing_else_speaks_of_do_not_hide_it():
    many = {f"p{index}": {"type": ["string", "null"], "maxLength": index} for index in range(300)}
    schema = {"properties": {"a": {"enum": ["card", "cash", "coin"]}} | many, "anyOf": [CARD, CASH]}
    assert root_issues(schema) == [("unusable_value", "/properties/a/enum/2")]


@pytest.mark.parametrize("count", [40, 200])
def test_many_places_and_branches_end_soon(count):
    properties = {f"p{index}": {"enum": ["a", "b", "c"], "type": ["string", "null"]} for index in range(count)}
    choices = [{"oneOf": [{"required": [f"p{index}"]}, {"required": ["p0"]}]} for index in range(4)]
    schema = {"type": "object", "properties": properties, "allOf": choices}
    started = time.thread_time()
    lint_definition({"name": "Order Completed", "schema": schema})
    assert time.thread_time() - started < 5


def test_a_list_that_contains_many_things_ends_soon():
    contained = {"type": "array", "allOf": [{"contains": {"const": index}} for index in range(200)]}
    started = time.thread_time()
    assert found(contained) == []
    assert time.thread_time() - started < 2
