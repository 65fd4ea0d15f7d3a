"""What would do instead: names, missing values, formats and types."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract import Event, compile_contract
from catalog.contract.examples.advice import advise
from catalog.contract.json.pointers import parse_pointer

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "total": {"type": "number", "examples": [27.5]},
        "count": {"type": "integer"},
        "coupon": {"type": "string"},
        "gift": {"type": "boolean"},
        "order_id": {"type": "string", "pattern": "^HB-", "examples": ["HB-204518"]},
        "slot": {"anyOf": [{"type": "integer"}, {"pattern": "-"}], "examples": ["08-10"]},
        "currency": {"enum": ["EUR", "CHF"]},
        "comparator": {"anyOf": [{"const": "at-least"}, {"enum": ["at-most"]}]},
        "shipping_method": {"const": "express"},
        "paid_at": {"type": "string", "format": "date-time"},
        "due_on": {"type": "string", "format": "date"},
        "mail": {"$ref": "#/$defs/mail"},
        "products": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string"}, "price": {"type": "number"}},
                "required": ["sku"],
            },
        },
    },
    "required": ["total"],
    "$defs": {"mail": {"type": "string", "format": "email"}},
}


def advice(properties: Any, /, **schema: Any) -> dict[str, str]:
    """What is advised for each path that breaks something."""
    contract = compile_contract({"name": "x", "call": "track", "kind": "standard", "schema": SCHEMA | schema})
    event = Event(call="track", event="x", properties=properties)
    found = {}
    for violation in contract.check(event).violations:
        [part, *_] = parse_pointer(violation.path)
        found[violation.path.removeprefix("/properties/")] = advise(violation, event, contract.schema_of(part))
    return found


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "paid_at",
            "2026-11-24T10:00:00",
            'The offset from UTC is missing. In UTC it is written "2026-11-24T10:00:00Z".',
        ),
        ("paid_at", "2026-11-24 10:00:00.250", 'In UTC it is written "2026-11-24T10:00:00.250000Z".'),
        ("paid_at", "2026-11-24", 'In UTC it is written "2026-11-24T00:00:00Z".'),
        ("paid_at", "yesterday", 'Such a text looks like "2026-03-14T09:26:53Z".'),
        ("due_on", "2026-11-24T10:00:00Z", 'Only the day is asked for: "2026-11-24".'),
        ("mail", "nobody", 'Such a text looks like "ada@example.com".'),
        ("total", "27.50", "Send it without quotes: 27.5."),
        ("count", "3", "Send it without quotes: 3."),
        ("gift", "True", "Send it without quotes: true."),
        ("coupon", 7, 'Send it as a text, in quotes: "7".'),
        ("count", 1.5, "Send a whole number."),
        ("coupon", None, "Leave it out where there is no value."),
        ("total", None, "Such a value looks like 27.5."),
        ("order_id", "17", 'Such a value looks like "HB-204518".'),
        ("slot", "x", 'Such a value looks like "08-10".'),
        ("total", "much", "Such a value looks like 27.5."),
        ("currency", "eur", 'Did you mean "EUR"?'),
        ("shipping_method", "Express", 'Did you mean "express"?'),
        ("coupn", "x", "coupn is not described. Did you mean “coupon”?"),
        ("Shipping-Method", "x", "Did you mean “shipping_method”?"),
        ("comparator", "At_Most", 'Did you mean "at-most"?'),
        ("comparator", "between", 'Such a value looks like "at-least".'),
        ("zzz", 1, "zzz is not described."),
        ("products", [{"sku": "a"}, {"SKU": "b"}], ""),
        ("products", {}, "Send [] where there is nothing in it: {} is an object."),
        ("products/0", [[]], "Send {} where there is nothing in it: [] is a list."),
    ],
)
def test_it_says_what_would_do(name: str, value: Any, says: str) -> None:
    assert says in advice({"total": 1, name.split("/")[0]: value}).get(name, "")


def test_an_empty_list_instead_of_all_properties_is_told() -> None:
    assert advice([]) == {"/properties": "Send {} where there is nothing in it: [] is a list."}
    assert advice("x") == {"/properties": ""}


def test_what_is_missing_is_told_with_what_would_do() -> None:
    assert advice({}) == {"total": "total is missing: send a number, such as 27.5."}
    assert advice({}, required=["count", "gift", "paid_at", "currency"]) == {
        "count": "count is missing: send a whole number, such as 1.",
        "gift": "gift is missing: send yes or no, such as true.",
        "paid_at": 'paid_at is missing: send a text, such as "2026-03-14T09:26:53Z".',
        "currency": 'currency is missing, such as "EUR".',
    }
    assert advice({}, required=["nowhere"]) == {"nowhere": "nowhere is missing."}


def test_the_name_that_came_instead_is_told_on_both_sides_and_deep_inside() -> None:
    found = advice({"Total": 1, "products": [{"sku": "a"}, {"SKU": "b"}]})
    assert found["total"] == "total is missing. “Total” came instead: is it that?"
    assert "Did you mean “total”?" in found["Total"]
    assert found["products/1/sku"] == "products[1].sku is missing. “SKU” came instead: is it that?"
    assert "Did you mean “sku”?" in found["products/1/SKU"]


def test_branches_and_references_are_read_too() -> None:
    branches = {"anyOf": [{"properties": {"card": {"type": "string"}}}, {"$ref": "#/$defs/other"}]}
    defs = {"$defs": {**SCHEMA["$defs"], "other": {"properties": {"iban": {"type": "string", "format": "date"}}}}}
    assert "“card”" in advice({"total": 1, "Card": "x"}, **branches, **defs).get("Card", "")


@pytest.mark.parametrize(
    "value", [{"a": {"b": [1, {"c": "x" * 10_000}]}}, "x" * 100_000, 10**400, [[[[]]]], {"": {"~/": 1}}]
)
def test_it_never_fails(value: Any) -> None:
    for name in ("total", "paid_at", "products", "unheard", "", "a/b~c"):
        assert all(isinstance(text, str) and len(text) < 1_000 for text in advice({name: value}).values())
    assert advice([1]) == {"/properties": ""}


def test_a_required_value_is_never_to_be_left_out() -> None:
    told = advice({"total": 1, "products": [{"sku": None, "price": None}]})
    assert told["products/0/price"] == "Leave it out where there is no value."
    assert "Leave it out" not in told["products/0/sku"]


def advice_on(rules: dict[str, Any], value: Any) -> str:
    """What is advised for one property with these rules."""
    schema = {"properties": {"p": rules}, "$defs": {"money": {"enum": ["USD", "EUR"]}, "card": CARD}}
    contract = compile_contract({"name": "x", "schema": schema})
    event = Event(call="track", event="x", properties={"p": value})
    told = {each.path: advise(each, event, schema) for each in contract.check(event).errors}
    return told["/properties/p"]


NUMBER_OR_NULL = {"anyOf": [{"type": "number"}, {"type": "null"}]}
TIME = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    ("rules", "value", "says"),
    [
        # What is named would do itself.
        (DAY, "2026-13-01", 'Such a text looks like "2026-03-14".'),
        (DAY, "2026-02-30T10:00:00Z", 'Such a text looks like "2026-03-14".'),
        (TIME, 1767261600, 'Such a value looks like "2026-03-14T09:26:53Z".'),
        (TIME, "2026-02-30T10:00:00Z", 'Such a text looks like "2026-03-14T09:26:53Z".'),
        ({"type": "string", "enum": ["card", "cash"]}, 3, 'Such a value looks like "card".'),
        ({"type": "string", "minLength": 3}, 7, ""),
        ({"type": "integer", "minimum": 10}, "7", ""),
        ({"type": "string", "pattern": "^a", "examples": ["b", "ab"]}, "c", 'Such a value looks like "ab".'),
        ({"enum": ["user", "usher"], "not": {"const": "user"}}, "usr", 'Did you mean "usher"?'),
        ({"type": "boolean"}, 1, "Such a value looks like true."),
        # Alternatives are explained as what has none.
        (NUMBER_OR_NULL, "3", "Send it without quotes: 3."),
        (NUMBER_OR_NULL, "12,50", "Such a value looks like 1.5."),
        ({"oneOf": [{"type": "boolean"}, {"type": "integer"}]}, "true", "Send it without quotes: true."),
        ({"anyOf": [TIME, {"type": "integer"}]}, "2026-01-01T10:00:00", "The offset from UTC is missing."),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, {}, "Send [] where there is nothing in it"),
        ({"anyOf": [{"$ref": "#/$defs/money"}, {"type": "integer"}]}, "usd", 'Did you mean "USD"?'),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, None, "Leave it out where there is no value."),
        # Values of enums in or without quotes, and what came as a text though it is more.
        ({"enum": [1, 2, 3]}, "2", "Send it without quotes: 2."),
        ({"enum": ["1", "2"]}, 2, 'Send it as a text, in quotes: "2".'),
        ({"const": True}, "true", "Send it without quotes: true."),
        ({"enum": ["card", "cash"]}, None, "Leave it out where there is no value."),
        ({"type": "array", "items": {"type": "integer"}}, "[1, 2]", "Send the list itself: it came as a text."),
        ({"type": "object"}, '{"a": 1}', "Send the object itself: it came as a text."),
        ({"type": "array", "items": {"type": "integer"}}, '["a"]', "Send the list itself: it came as a text."),
        ({"type": "array", "minItems": 1}, "[]", "Send the list itself: it came as a text."),
        ({"anyOf": [{"type": "object"}, {"type": "null"}]}, "{}", "Send the object itself: it came as a text."),
        ({"type": "integer"}, "[]", "Such a value looks like 1."),
        ({"type": "array", "minItems": 1}, "[" * 9_000, ""),
        # A time whose offset or form is another one.
        (TIME, "2026-01-01T10:00:00+0100", 'It is written "2026-01-01T10:00:00+01:00".'),
        (TIME, "2026-01-01 10:00Z", 'It is written "2026-01-01T10:00:00+00:00".'),
    ],
)
def test_what_is_advised_would_do(rules: dict[str, Any], value: Any, says: str) -> None:
    told = advice_on(rules, value)

    assert says in told
    assert bool(says) == bool(told)


def test_what_stands_beside_decides_what_would_do() -> None:
    paid = {
        "if": {"properties": {"kind": {"const": "card"}}},
        "then": {"properties": {"p": {"enum": ["visa"]}}},
        "else": {"properties": {"p": {"enum": ["vista"]}}},
    }
    for kind, says in (("card", "visa"), ("cash", "vista")):
        contract = compile_contract({"name": "x", "schema": {"properties": {"kind": {}, "p": {}}, **paid}})
        event = Event(call="track", event="x", properties={"kind": kind, "p": "vissta"})
        [found] = contract.check(event).errors

        assert advise(found, event, contract.schema_of("properties")) == f'Did you mean "{says}"?'


def test_a_key_that_another_branch_describes_is_not_called_undescribed() -> None:
    branches = {"anyOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {"type": "string"}}}]}

    assert advice({"total": 1, "a": 1, "b": 2}, unevaluatedProperties=False, **branches) == {
        "b": "b is not expected here: what describes it does not hold for this event."
    }


CARD = {
    "properties": {
        "kind": {"const": "card"},
        "number": {"type": "string"},
        "holder": {"properties": {"age": {"minimum": 18}}},
    },
    "required": ["kind", "number"],
}
CASH = {
    "properties": {"kind": {"enum": ["cash", "coins"]}, "drawer": {"type": "integer"}},
    "required": ["kind", "drawer"],
}
KINDS = '"card", "cash", "coins"'


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"kind": "card"}, 'With kind "card": number is missing.'),
        ({"kind": "card", "number": 4}, 'With kind "card": number is to be string.'),
        (
            {"kind": "card", "holder": {"age": 3}},
            'With kind "card": holder.age is to be at least 18; number is missing.',
        ),
        ({"kind": "coins", "drawer": "x"}, 'With kind "coins": drawer is to be integer.'),
        ({"kind": "cheque"}, f"kind is none of those by which the alternatives are told apart: {KINDS}."),
        ({"number": "4"}, f"kind is missing, by which the alternatives are told apart: {KINDS}."),
        ({"kind": ["card"]}, f"kind is none of those by which the alternatives are told apart: {KINDS}."),
    ],
)
@pytest.mark.parametrize("rule", ["oneOf", "anyOf"])
def test_what_an_object_lacks_for_its_alternative_is_told(rule: str, value: Any, says: str) -> None:
    assert advice_on({rule: [CARD, CASH]}, value) == says
    assert advice_on({rule: [{"$ref": "#/$defs/card"}, CASH]}, value) == says
    schema = {rule: [CARD, CASH]}  # of all properties as well
    event = Event(call="track", event="x", properties=value)
    [found] = compile_contract({"name": "x", "schema": schema}).check(event).errors
    assert advise(found, event, schema) == says


def test_nothing_is_said_of_alternatives_by_masked_values() -> None:
    schema = {"oneOf": [CARD, CASH]}
    event = Event(call="track", event="x", properties={"kind": "xxxx", "number": "0000"})
    [found] = compile_contract({"name": "x", "schema": schema}).check(event).errors

    assert "kind is none of those" in advise(found, event, schema)
    assert advise(found, event, schema, is_masked=True) == ""
    assert "kind is missing" in advise(found, Event(call="track"), schema)  # without properties at all
    assert advise(found, Event(call="track"), schema, is_masked=True) == ""  # as of a finding without samples


def test_a_value_that_fits_several_alternatives_is_told_so() -> None:
    several = "It fits 2 of the alternatives, and exactly one is asked for."

    assert advice_on({"oneOf": [{"type": "string"}, {"enum": ["express"]}]}, "express") == several
    assert advice_on({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1, "b": 1}) == several
    assert advice_on({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}) == "One of these is missing: a; b."


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 1, 1.5, "1", "true", "2026-01-01", "2026-01-01T10:00", "ab", "AB", [], {}, "[]"]
)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", "boolean", "array", "object", ["string", "null"]]),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "format": st.sampled_from(["date", "date-time", "email"]),
        "minLength": st.integers(0, 3),
        "minimum": st.integers(0, 3),
        "examples": st.lists(VALUES, max_size=2),
        "pattern": st.sampled_from(["^a", "^A", "1"]),
    },
)


@given(st.one_of(RULES, st.lists(RULES, min_size=1, max_size=3).map(lambda each: {"anyOf": each})), VALUES)
def test_no_value_is_named_that_would_not_do(rules: dict[str, Any], value: Any) -> None:
    schema = {"properties": {"p": rules}}
    contract = compile_contract({"name": "x", "schema": schema})
    event = Event(call="track", event="x", properties={"p": value})
    for found in contract.check(event).errors:
        told = advise(found, event, schema)
        named = re.fullmatch(r".*(?:looks like|written|quotes:|mean|asked for:) (.+?)[.?]", told)
        if named and found.path == "/properties/p":
            assert not contract.check(Event(call="track", event="x", properties={"p": json.loads(named[1])})).errors


@pytest.mark.parametrize(
    ("rules", "value", "says"),
    [
        ({"anyOf": [{"required": ["email"]}, {"required": ["phone"]}]}, {}, "One of these is missing: email; phone."),
        (
            {"oneOf": [{"required": ["email"]}, {"required": ["phone"]}]},
            {"x": 1},
            "One of these is missing: email; phone.",
        ),
        (
            {"anyOf": [{"required": ["id", "sku"]}, {"required": ["code"]}]},
            {"id": 1},
            "One of these is missing: sku; code.",
        ),
        ({"anyOf": [{"required": ["id"]}, {"required": ["id"]}]}, {}, "id is missing."),
        (
            {"anyOf": [{"required": ["id", "sku"]}, {"required": ["code"]}]},
            {},
            "One of these is missing: id and sku; code.",
        ),
        ({"anyOf": [{"required": ["id"]}, {"minProperties": 2}]}, {}, ""),
        ({"anyOf": [{"required": ["id"]}, {"type": "null"}]}, {}, ""),
    ],
)
def test_what_an_object_lacks_for_any_alternative_is_told(rules: dict[str, Any], value: Any, says: str) -> None:
    names: dict[str, Any] = {name: {} for name in ("email", "phone", "id", "sku", "code", "x")}
    assert (
        advice({"total": 1, "at": value}, properties={"at": {"properties": names} | rules, "total": {}})["at"] == says
    )


@pytest.mark.parametrize(
    ("schema", "value", "may_be_left_out"),
    [
        ({}, {"a": None}, True),
        ({"dependentRequired": {"b": ["a"]}}, {"a": None}, True),
        ({"dependentRequired": {"b": ["a"]}}, {"a": None, "b": "x"}, False),
        ({"minProperties": 1}, {"a": None}, False),
        ({"minProperties": 1}, {"a": None, "b": "x"}, True),
        ({"if": {"required": ["b"]}, "then": {"required": ["a"]}}, {"a": None, "b": "x"}, False),
        ({"dependentSchemas": {"b": {"required": ["a"]}}}, {"a": None, "b": "x"}, False),
        ({"minProperties": 3}, {"a": None, "b": "x"}, True),  # too few either way
        ({"required": ["c"]}, {"a": None}, True),
    ],
)
def test_a_null_is_to_be_left_out_only_where_that_would_do(
    schema: dict[str, Any], value: dict[str, Any], may_be_left_out: bool
) -> None:
    properties = {name: {"type": "string"} for name in "abc"}
    said = advice(value, **{"properties": properties, "required": []} | schema)["a"]
    assert (said == "Leave it out where there is no value.") == may_be_left_out, said


@pytest.mark.parametrize(
    ("rules", "value", "may_be_left_out"),
    [
        ({}, ["x", None], True),
        ({"minItems": 1}, [None], False),
        ({"minItems": 2}, ["x", None], False),
        ({"minItems": 2}, ["x", None, "y"], True),
        ({"prefixItems": [{"type": "string"}, {"type": "integer"}]}, [None, 1], False),
        ({"prefixItems": [{"type": "string"}]}, ["x", None], True),
    ],
)
def test_a_null_is_to_be_left_out_of_a_list_only_where_that_would_do(
    rules: dict[str, Any], value: list[Any], may_be_left_out: bool
) -> None:
    listed = {"type": "array", "items": {"type": "string"}} | rules
    said = advice({"at": value}, properties={"at": listed}, required=[])[f"at/{value.index(None)}"]
    assert (said == "Leave it out where there is no value.") == may_be_left_out, said


def test_a_name_that_came_as_well_is_not_the_one_that_was_meant() -> None:
    assert advice({"total": 1, "totals": 2}) == {"totals": "totals is not described."}
    assert advice({"Total": 1})["Total"] == "Total is not described. Did you mean “total”?"
    found = advice({"total": 1, "products": [{"sku": "x", "skus": 1}, {"skus": 1}]})
    assert found["products/0/skus"] == "products[0].skus is not described."
    assert "Did you mean “sku”?" in found["products/1/skus"]


def test_a_key_without_a_name_is_shown_as_one() -> None:
    assert advice({"total": 1, "": 2, "products": [{"sku": "x", "": 1}]}) == {
        "": '"" is not described.',
        "products/0/": 'products[0]."" is not described.',
    }
