"""Nulls of optional properties: an error, a warning, or as if they had not come; at any depth of a definition."""

from typing import Any

import pytest

from catalog.contract import Event, NullHandling, Severity, Verdict, compile_contract

TEXT = {"type": "string"}
ORDER = {
    "type": "object",
    "properties": {
        "coupon": TEXT,
        "id": TEXT,
        "state": {"enum": ["new", "paid"]},
        "note": {"type": ["string", "null"]},
        "customer": {"type": "object", "properties": {"vat": TEXT, "name": TEXT}, "required": ["name"]},
        "products": {
            "type": "array",
            "items": {"type": "object", "properties": {"sku": TEXT, "brand": TEXT}, "required": ["sku"]},
        },
        "tags": {"type": "array", "items": TEXT},
        "links": {"type": "object", "additionalProperties": TEXT},
    },
    "required": ["id"],
}


def contract_of(schema: dict[str, Any], nulls: NullHandling, **parts: Any):
    document = {"name": "Order Completed", "call": "track", "kind": "standard", "schema": schema, **parts}
    return compile_contract(document, nulls=nulls)


def event_with(properties: dict[str, Any], **fields: Any) -> Event:
    return Event(call="track", event="Order Completed", properties=properties, **fields)


def found(schema: dict[str, Any], properties: dict[str, Any], nulls: NullHandling) -> list[tuple[str, str, str]]:
    result = contract_of(schema, nulls).check(event_with(properties))
    return [(each.path, each.rule, each.severity.value) for each in result.violations]


OPTIONAL = [
    pytest.param(ORDER, {"id": "1", "coupon": None}, [("/properties/coupon", "type")], id="a type"),
    pytest.param(ORDER, {"id": "1", "state": None}, [("/properties/state", "enum")], id="an enum"),
    pytest.param(
        ORDER, {"id": "1", "customer": {"name": "n", "vat": None}}, [("/properties/customer/vat", "type")], id="nested"
    ),
    pytest.param(
        ORDER,
        {"id": "1", "products": [{"sku": "a"}, {"sku": "b", "brand": None}]},
        [("/properties/products/1/brand", "type")],
        id="in an array's object",
    ),
    pytest.param(ORDER, {"id": "1", "links": {"x": None}}, [("/properties/links/x", "type")], id="a key of a map"),
    pytest.param(
        ORDER,
        {"id": "1", "coupon": None, "customer": None},
        [("/properties/coupon", "type"), ("/properties/customer", "type")],
        id="two",
    ),
    pytest.param(
        {"properties": {"a": {"$ref": "#/$defs/t"}}, "$defs": {"t": {"const": 1}}},
        {"a": None},
        [("/properties/a", "const")],
        id="a reference",
    ),
    pytest.param(
        {"properties": {"a": {"anyOf": [TEXT, {"type": "integer"}]}}},
        {"a": None},
        [("/properties/a", "anyOf")],
        id="one of two types",
    ),
    pytest.param(
        {
            "properties": {"a": {}, "b": {}, "c": {}},
            "anyOf": [
                {"properties": {"a": TEXT, "b": {"type": ["string", "null"]}}, "required": ["b"]},
                {"required": ["c"]},
            ],
        },
        {"a": None, "b": None},
        [("/properties", "anyOf")],
        id="in a branch, beside a null that is allowed and required",
    ),
    pytest.param(
        {"properties": {"a": TEXT, "b": TEXT}, "dependentRequired": {"a": ["b"]}},
        {"a": None},
        [("/properties/a", "type"), ("/properties/b", "dependentRequired")],
        id="what only its presence asks for",
    ),
]


@pytest.mark.parametrize(("schema", "properties", "expected"), OPTIONAL)
def test_an_optional_null_is_what_the_company_chose(schema, properties, expected):
    assert found(schema, properties, NullHandling.ERROR) == [(*each, "error") for each in expected]
    assert found(schema, properties, NullHandling.WARNING) == [(*each, "warning") for each in expected]
    assert found(schema, properties, NullHandling.ABSENT) == []

    event = event_with(properties)
    verdicts = {nulls: contract_of(schema, nulls).check(event).verdict for nulls in NullHandling}
    assert verdicts == {
        NullHandling.ERROR: Verdict.NONCONFORMING,
        NullHandling.WARNING: Verdict.CONFORMING,
        NullHandling.ABSENT: Verdict.CONFORMING,
    }
    strictly_valid = {nulls: contract_of(schema, nulls).is_valid_strictly(event) for nulls in NullHandling}
    assert strictly_valid == {NullHandling.ERROR: False, NullHandling.WARNING: False, NullHandling.ABSENT: True}


NOT_OPTIONAL = [
    pytest.param(ORDER, {"id": None}, id="required"),
    pytest.param(ORDER, {"id": "1", "customer": {"name": None}}, id="required in an object"),
    pytest.param(ORDER, {"id": "1", "products": [{"sku": None}]}, id="required in an array's object"),
    pytest.param(ORDER, {"id": "1", "tags": ["a", None]}, id="an entry of an array"),
    pytest.param(ORDER, {"id": "1", "tags": [[None]]}, id="an entry of an array's array"),
    pytest.param({"allOf": [{"properties": {"a": TEXT}}, {"required": ["a"]}]}, {"a": None}, id="required elsewhere"),
    pytest.param(
        {"properties": {"a": TEXT, "b": TEXT}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"a": None},
        id="required by every branch that is left",
    ),
    pytest.param(
        {"properties": {"a": TEXT, "b": TEXT}, "dependentRequired": {"b": ["a"]}},
        {"a": None, "b": "x"},
        id="required beside another",
    ),
    pytest.param({"properties": {"a": TEXT}, "minProperties": 1}, {"a": None}, id="counted"),
    pytest.param(
        {
            "properties": {"a": {"const": "x"}, "b": TEXT},
            "if": {"properties": {"a": {"const": "x"}}},
            "then": {"required": ["b"]},
        },
        {"a": None},
        id="missed by a condition",
    ),
    pytest.param({"properties": {"a": TEXT}, "additionalProperties": False}, {"b": None}, id="unknown"),
    pytest.param({"properties": {"a": False}}, {"a": None}, id="never to be sent"),
]


@pytest.mark.parametrize("nulls", [NullHandling.WARNING, NullHandling.ABSENT])
@pytest.mark.parametrize(("schema", "properties"), NOT_OPTIONAL)
def test_any_other_null_stays_an_error(schema, properties, nulls):
    expected = found(schema, properties, NullHandling.ERROR)

    assert any(severity == "error" for _, _, severity in expected)
    assert found(schema, properties, nulls) == expected
    assert not contract_of(schema, nulls).is_valid_strictly(event_with(properties))


@pytest.mark.parametrize("nulls", list(NullHandling))
def test_a_null_that_its_schema_allows_breaks_nothing(nulls):
    assert found(ORDER, {"id": "1", "note": None}, nulls) == []


@pytest.mark.parametrize("nulls", [NullHandling.WARNING, NullHandling.ABSENT])
def test_other_errors_of_the_event_stay(nulls):
    violations = found(ORDER, {"id": 7, "coupon": None, "state": "lost", "colour": 1}, nulls)

    tolerated = [("/properties/coupon", "type", "warning")] if nulls is NullHandling.WARNING else []
    assert violations == [
        ("/properties/colour", "unknown_property", "warning"),
        *tolerated,
        ("/properties/id", "type", "error"),
        ("/properties/state", "enum", "error"),
    ]


def test_an_unknown_key_stays_a_warning_whatever_a_null_is():
    for nulls in NullHandling:
        assert ("/properties/colour", "unknown_property", "warning") in found(ORDER, {"id": "1", "colour": None}, nulls)


def test_one_property_may_be_required_in_one_entry_and_optional_in_another():
    schema = {
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "properties": {"kind": {}, "price": {"type": "number"}},
                    "if": {"properties": {"kind": {"const": "paid"}}, "required": ["kind"]},
                    "then": {"required": ["price"]},
                },
            }
        }
    }
    properties = {"items": [{"kind": "free", "price": None}, {"kind": "paid", "price": None}]}

    assert found(schema, properties, NullHandling.WARNING) == [
        ("/properties/items/0/price", "type", "warning"),
        ("/properties/items/1/price", "type", "error"),
    ]


def test_a_schema_that_closes_itself_names_no_known_key_unknown():
    schema = {"allOf": [{"properties": {"a": TEXT, "b": TEXT}}], "unevaluatedProperties": False}

    assert found(schema, {"a": None, "b": "x"}, NullHandling.ABSENT) == []
    assert found(schema, {"a": None, "b": "x"}, NullHandling.WARNING) == [("/properties/a", "type", "warning")]


def test_context_and_traits_are_handled_alike():
    parts = {"context": {"properties": {"locale": TEXT}}, "traits": {"properties": {"plan": TEXT}}}
    event = event_with({"id": "1"}, context={"locale": None, "other": None}, traits={"plan": None})

    warned = contract_of(ORDER, NullHandling.WARNING, **parts).check(event)
    assert [(each.path, each.severity) for each in warned.violations] == [
        ("/context/locale", Severity.WARNING),
        ("/traits/plan", Severity.WARNING),
    ]
    assert contract_of(ORDER, NullHandling.ABSENT, **parts).is_valid_strictly(event)


def test_an_event_of_thousands_of_values_is_judged_alike():
    products = [{"sku": str(number), "brand": None} for number in range(6_000)]
    properties = {"id": "1", "coupon": None, "products": products}

    assert {severity for _, _, severity in found(ORDER, properties, NullHandling.ERROR)} == {"error"}
    assert {severity for _, _, severity in found(ORDER, properties, NullHandling.WARNING)} == {"warning"}
    assert found(ORDER, properties, NullHandling.ABSENT) == []

    products[17]["sku"] = None
    assert {severity for _, _, severity in found(ORDER, properties, NullHandling.ABSENT)} == {"error"}


def test_what_cannot_be_validated_as_it_is_stays_an_error():
    too_deep: Any = None
    for _ in range(300):
        too_deep = {"x": too_deep}
    for nulls in NullHandling:
        contract = contract_of(ORDER, nulls)
        event = event_with({"id": "1", "coupon": None, "deep": too_deep})
        assert contract.check(event).verdict is Verdict.NONCONFORMING


def test_properties_count_as_seen_without_their_optional_nulls():
    event = event_with({"id": "1", "coupon": None, "note": None, "customer": {"name": "n", "vat": None}})

    seen = contract_of(ORDER, NullHandling.ABSENT).without_optional_nulls(event)

    assert seen.properties == {"id": "1", "note": None, "customer": {"name": "n"}}
    assert event.properties["coupon"] is None, "what came is not changed"
    assert contract_of(ORDER, NullHandling.ABSENT).without_optional_nulls(seen) is seen
