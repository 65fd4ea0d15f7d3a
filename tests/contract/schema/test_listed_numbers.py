"""Schemas that list many numbers: nothing is proven of them, at once; of few, all is as before."""

from __future__ import annotations

import time
from typing import Any

import pytest

from catalog.contract import compare, lint_definition
from catalog.contract.comparison.compatibility import ComparisonOutcome

MANY = list(range(5_000))


def document(amount: dict[str, Any], **members: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"amount": amount}, **members}
    return {"name": "Order Completed", "call": "track", "kind": "standard", "schema": schema}


@pytest.mark.parametrize(
    ("amount", "members"),
    [
        ({"type": "integer", "minimum": 0, "not": {"enum": MANY}}, {}),
        ({"type": "integer", "minimum": 0, "not": {"$ref": "#/$defs/many"}}, {"$defs": {"many": {"enum": MANY}}}),
        ({"type": "integer", "oneOf": [{"enum": MANY}, {"minimum": 0}]}, {}),
        ({"type": "integer", "if": {"enum": MANY}, "then": False}, {}),
    ],
)
def test_many_numbers_are_no_proof_and_no_wait(amount: dict[str, Any], members: dict[str, Any]) -> None:
    started = time.process_time()
    lint_definition(document(amount, **members))
    outcome = compare(document({"type": "integer"}), document(amount, **members)).outcome
    assert time.process_time() - started < 2
    assert outcome in (ComparisonOutcome.UNPROVEN, ComparisonOutcome.BREAKING)


def test_few_excluded_numbers_are_proven() -> None:
    found = lint_definition(document({"type": "integer", "minimum": 0, "maximum": 2, "not": {"enum": [0, 1, 2]}}))
    assert [issue.code for issue in found] == ["unsatisfiable"]


def test_removing_one_of_many_numbers_is_not_proven_compatible_at_once() -> None:
    started = time.process_time()
    comparison = compare(document({"enum": MANY}), document({"enum": MANY[:-1]}))
    assert time.process_time() - started < 2
    assert comparison.outcome in (ComparisonOutcome.UNPROVEN, ComparisonOutcome.BREAKING)


def test_many_texts_and_some_numbers_are_proven() -> None:
    for values in ([f"v{number}" for number in MANY], MANY[:200]):
        before, after = document({"enum": values[:-1]}), document({"enum": values})
        assert compare(before, after).outcome is ComparisonOutcome.COMPATIBLE
        assert compare(after, before).outcome is ComparisonOutcome.BREAKING
