"""What would do instead: names, missing values, formats and types."""

from __future__ import annotations

from typing import Any

import pytest

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


def advice(properties: Any, **schema: Any) -> dict[str, str]:
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
