"""The path of a violation names the very key that came: one that looks like a number, one that may not be there."""

import pytest

from catalog.contract import Event, compile_contract

NUMBER = {"type": "number"}


@pytest.mark.parametrize("wrong", ["7", "007", "010", "10"])
def test_the_path_names_the_key_that_came(wrong: str) -> None:
    keys = ["010", "10", "007", "7"]
    document = {"name": "x", "schema": {"type": "object", "properties": dict.fromkeys(keys, NUMBER)}}
    # One spelling of each number: two of one value cannot be told apart.
    others = [key for key in keys if int(key) != int(wrong)][:1]
    event = Event(call="track", event="x", properties=dict.fromkeys(others, 1) | {wrong: "text"})
    assert [violation.path for violation in compile_contract(document).check(event).violations] == [
        f"/properties/{wrong}"
    ]


@pytest.mark.parametrize("keyword", ["additionalProperties", "propertyNames"])
def test_an_object_that_may_have_no_key_is_not_unknown_itself(keyword: str) -> None:
    document = {"name": "x", "schema": {"type": "object", "properties": {"open": {keyword: False}, keyword: False}}}
    found = compile_contract(document).check(Event(call="track", event="x", properties={"open": {"a": 1, "b": 2}}))
    assert sorted((each.path, each.rule) for each in found.errors) == [
        ("/properties/open/a", "unknown_property"),
        ("/properties/open/b", "unknown_property"),
    ]
    found = compile_contract(document).check(Event(call="track", event="x", properties={keyword: 1}))
    assert [(each.path, each.rule) for each in found.errors] == [(f"/properties/{keyword}", "unknown_property")]
