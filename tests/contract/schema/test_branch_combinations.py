"""Branches of ordinary definitions that combine in many ways: comparing and linting end soon, proven or not."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from catalog.contract import ComparisonOutcome, compare, find_problems, lint_definition

UNPROVEN, COMPATIBLE = ComparisonOutcome.UNPROVEN, ComparisonOutcome.COMPATIBLE


def described(letters: str, count: int, **keywords: Any) -> dict[str, Any]:
    return {"properties": {f"{letter}{number}": {} for letter in letters for number in range(count)}, **keywords}


def required(letters: str, number: int) -> dict[str, Any]:
    return {"required": [f"{letter}{number}" for letter in letters]}


def not_together(letters: str, count: int) -> dict[str, Any]:
    return described(letters, count, allOf=[{"not": required(letters, number)} for number in range(count)])


def none_of(count: int) -> dict[str, Any]:
    return described("abc", count, **{"not": {"anyOf": [required("abc", number) for number in range(count)]}})


def needs_two(count: int) -> dict[str, Any]:
    return described("abc", count, dependentRequired={f"a{n}": [f"b{n}", f"c{n}"] for n in range(count)})


def if_both(count: int) -> dict[str, Any]:
    rules = [
        {
            "if": {"properties": {f"a{n}": {"const": n}, f"b{n}": {"minimum": 3}}, **required("ab", n)},
            "then": required("cd", n),
        }
        for n in range(count)
    ]
    return described("abcd", count, allOf=rules)


def kinds(count: int, keyword: str = "oneOf") -> dict[str, Any]:
    return {
        keyword: [
            {"properties": {"kind": {"const": f"k{n}"}, f"a{n}": {"minimum": n}, f"b{n}": {}}, "required": ["kind"]}
            for n in range(count)
        ]
    }


def items_of_kinds(count: int) -> dict[str, Any]:
    return {"properties": {"items": {"type": "array", "items": kinds(count)}}}


def number_of(count: int, **rule: float) -> dict[str, Any]:
    rules = [{keyword: value + number for keyword, value in rule.items()} for number in range(count)]
    return {
        "properties": {
            "n": {"type": "number", "allOf": [each if "multipleOf" in rule else {"not": each} for each in rules]}
        }
    }


@pytest.mark.parametrize(
    ("schema", "outcome"),
    [
        pytest.param(not_together("abc", 2), COMPATIBLE, id="not three together, twice"),
        pytest.param(not_together("abc", 4), UNPROVEN, id="not three together, four times"),
        pytest.param(not_together("ab", 4), COMPATIBLE, id="not two together, four times"),
        pytest.param(not_together("ab", 14), UNPROVEN, id="not two together, 14 times"),
        pytest.param(none_of(5), UNPROVEN, id="none of five groups of three"),
        pytest.param(needs_two(4), COMPATIBLE, id="four need two others each"),
        pytest.param(needs_two(5), UNPROVEN, id="five need two others each"),
        pytest.param(needs_two(20), UNPROVEN, id="twenty need two others each"),
        pytest.param(if_both(2), COMPATIBLE, id="two conditions of two properties"),
        pytest.param(if_both(3), UNPROVEN, id="three conditions of two properties"),
        pytest.param(kinds(5), COMPATIBLE, id="five kinds with properties of their own"),
        pytest.param(kinds(10), UNPROVEN, id="ten kinds with properties of their own"),
        pytest.param(kinds(7, "anyOf"), UNPROVEN, id="any of seven kinds"),
        pytest.param(number_of(400, multipleOf=1), COMPATIBLE, id="a multiple of 400 numbers"),
        pytest.param(number_of(400, minimum=0.0, maximum=0.5), COMPATIBLE, id="outside of 400 ranges"),
        pytest.param(items_of_kinds(10), COMPATIBLE, id="items of ten kinds"),
    ],
)
def test_branches_are_compared_and_linted_soon(schema: dict[str, Any], outcome: ComparisonOutcome) -> None:
    old: dict[str, Any] = {"name": "A", "call": "track", "kind": "standard", "schema": schema}
    new = copy.deepcopy(old)
    new["schema"].setdefault("properties", {})["fresh"] = {}
    assert not find_problems(old)

    started = time.perf_counter()
    found = compare(old, new)
    lint_definition(old)

    assert time.perf_counter() - started < 10
    assert found.outcome is outcome
