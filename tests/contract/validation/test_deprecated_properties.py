"""A deprecated property: an event that still carries it is warned about, and nothing else follows from it."""

import pytest

from catalog.contract import Event, Severity, Verdict, VersionBump, compare, compile_contract
from catalog.contract.rules.event_rule import CatalogMatch, EventFacts
from catalog.contract.schema.deprecated_properties import deprecated_properties
from catalog.contract.validation.event_rule_check import EventRuleCheck, add_violations

OLD = {"type": "string", "deprecated": True}


def document_with(**members):
    return {"name": "Order Completed", "schema": {"type": "object", **members}}


def warnings(document, **parts):
    contract = compile_contract(document)
    event = Event(call="track", event="Order Completed", **parts)
    facts = EventFacts(event, CatalogMatch.DEFINED, "shop", "production", "")
    facts.deprecated_properties = contract.deprecated_properties
    found = EventRuleCheck().violations(facts)
    result = add_violations(contract.check(event), found)
    assert result.verdict is contract.check(event).verdict, "it changes no verdict"
    assert contract.is_valid_strictly(event) == (not contract.check(event).violations)
    return [(each.path, each.definition_path, each.came) for each in found if each.rule == "deprecated_property"]


def test_an_event_that_still_carries_it_is_warned_about():
    document = document_with(properties={"total": {"type": "number"}, "coupon": OLD})
    assert warnings(document, properties={"total": 1, "coupon": "TEN"}) == [
        ("/properties/coupon", "/properties/coupon", '"TEN"')
    ]
    assert warnings(document, properties={"total": 1}) == []
    assert warnings(document) == []
    assert warnings(document, properties=["coupon"]) == []


def test_two_of_them_and_those_inside_lists_are_told_once_each():
    item = {"type": "object", "properties": {"sku": {"type": "string"}, "a/b": OLD}}
    document = document_with(properties={"coupon": OLD, "products": {"type": "array", "items": item}})
    event = {"coupon": "x", "products": [{"sku": "1"}, {"a/b": "y"}, {"a/b": "z"}]}
    assert warnings(document, properties=event) == [
        ("/properties/coupon", "/properties/coupon", '"x"'),
        ("/properties/products/1/a~1b", "/properties/products/*/a~1b", '"y"'),
    ]


def test_each_part_is_looked_at():
    context = {"type": "object", "properties": {"app": {"type": "object", "properties": {"build": OLD}}}}
    document = document_with() | {"context": context}
    assert warnings(document, context={"app": {"build": "7"}, "os": "x"}) == [
        ("/context/app/build", "/context/app/build", '"7"')
    ]


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ({"properties": {"a": {"deprecated": False}}}, ()),
        ({"properties": {"deprecated": {"const": True}}}, ()),
        ({"properties": {"a": {"$ref": "#/$defs/old"}}, "$defs": {"old": {"deprecated": True}}}, (("a",),)),
        ({"allOf": [{"properties": {"a": {"allOf": [{"deprecated": True}]}}}]}, (("a",),)),
        # Only some values of it are: which ones, a branch decides.
        ({"properties": {"a": {"anyOf": [{"const": 1, "deprecated": True}, {"const": 2}]}}}, ()),
        ({"additionalProperties": {"properties": {"a": {"deprecated": True}}}}, (("?", "a"),)),
        (
            {
                "$defs": {"n": {"properties": {"n": {"$ref": "#/$defs/n"}, "a": {"deprecated": True}}}},
                "$ref": "#/$defs/n",
            },
            (("n", "a"), ("a",)),
        ),
    ],
)
def test_which_properties_a_schema_calls_deprecated(schema, paths):
    assert set(deprecated_properties(schema)) >= set(paths)
    if not paths:
        assert deprecated_properties(schema) == ()


def test_calling_a_property_deprecated_is_a_matter_of_words():
    before = document_with(properties={"coupon": {"type": "string"}})
    assert compare(before, document_with(properties={"coupon": OLD})).version_bump is VersionBump.PATCH


def test_the_event_stays_conforming_and_the_rule_warns():
    document = document_with(properties={"coupon": OLD})
    result = compile_contract(document).check(Event(call="track", event="A", properties={"coupon": "x"}))
    assert (result.verdict, result.violations) == (Verdict.CONFORMING, ())
    facts = EventFacts(Event(call="track", properties={"coupon": "x"}), CatalogMatch.DEFINED, "s", "production", "")
    facts.deprecated_properties = compile_contract(document).deprecated_properties
    assert {each.severity for each in EventRuleCheck().violations(facts)} == {Severity.WARNING}
