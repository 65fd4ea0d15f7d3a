"""Patterns so long, and so many, that a proof would take minutes: comparing and linting end soon, unproven."""

from __future__ import annotations

import time
from typing import Any

import pytest

from catalog.contract import ComparisonOutcome, compare, lint_definition


def definition(*patterns: str, **keywords: Any) -> dict[str, Any]:
    properties = {f"p{number}": {"type": "string", "pattern": pattern} for number, pattern in enumerate(patterns)}
    return {
        "name": "Signed Up",
        "call": "track",
        "kind": "standard",
        "schema": {"type": "object", "properties": properties, **keywords},
    }


LONG = {
    "one": (definition("a" * 100_000), definition("a" * 100_000 + "b")),
    "many": (definition(*["a" * 1_500] * 8), definition(*["a" * 1_499] * 8)),
    "the same": (definition("a" * 100_000), definition("a" * 100_000, required=["p0"])),
    "of keys": (definition(patternProperties={"a" * 50_000: {}}), definition(patternProperties={"b" * 50_000: {}})),
    "many of keys": (
        definition(patternProperties={f"^a{n}": {"minimum": n} for n in range(600)}),
        definition(patternProperties={f"^a{n + 1}": {"minimum": n} for n in range(600)}),
    ),
    "many negations": (
        definition(allOf=[{"not": {"const": n}} for n in range(600)]),
        definition(allOf=[{"not": {"const": n + 1}} for n in range(600)]),
    ),
    "new": (definition(), definition("a" * 100_000)),
}


@pytest.mark.parametrize("name", LONG)
def test_patterns_that_are_too_long_for_a_proof_are_compared_and_linted_soon(name: str) -> None:
    before, after = LONG[name]
    began = time.monotonic()
    assert compare(before, after).outcome in (ComparisonOutcome.UNPROVEN, ComparisonOutcome.BREAKING)
    lint_definition(after)
    assert time.monotonic() - began < 5


def test_patterns_that_people_write_are_proven() -> None:
    uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
    before = definition(*[uuid] * 100, "a" * 1_000, required=["p0"])
    assert compare(before, definition(*[uuid] * 100, "a" * 1_000)).outcome == ComparisonOutcome.COMPATIBLE
