"""Which objects count as closed: those that do not say themselves what other keys they take."""

from typing import Any

import pytest

from catalog.contract import Event, compile_contract

TEXT = {"type": "string"}


def unknown_paths(schema: dict[str, Any], properties: dict[str, Any]) -> list[str]:
    contract = compile_contract({"name": "x", "schema": {"type": "object", **schema}})
    violations = contract.check(Event(call="track", event="x", properties=properties)).violations
    return [violation.path for violation in violations if violation.rule == "unknown_property"]


@pytest.mark.parametrize("keyword", ["additionalProperties", "unevaluatedProperties"])
@pytest.mark.parametrize("others", [True, TEXT])
def test_an_object_that_takes_other_keys_stays_open(keyword: str, others: Any) -> None:
    inner = {"type": "object", "properties": {"a": TEXT}, keyword: others}
    schema = {"properties": {"a": TEXT, "inner": inner}, keyword: others}
    assert unknown_paths(schema, {"a": "1", "b": "2", "inner": {"a": "1", "c": "3"}}) == []


def test_an_object_that_says_nothing_is_closed_at_every_level() -> None:
    inner = {"type": "object", "properties": {"a": TEXT}}
    schema = {"properties": {"inner": inner, "list": {"type": "array", "items": inner}}}
    properties = {"b": "2", "inner": {"c": "3"}, "list": [{"a": "1"}, {"d": "4"}]}
    assert unknown_paths(schema, properties) == ["/properties/b", "/properties/inner/c", "/properties/list/1/d"]
