"""A counterexample is looked for a few seconds at most, however slowly the patterns of two definitions match."""

from __future__ import annotations

import random
import time
from typing import Any

from catalog.contract import ComparisonOutcome, compare
from catalog.contract.comparison.compatibility import MAX_SEARCH_SECONDS


def definition(properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"name": "Signed Up", "call": "track", "kind": "standard", "schema": schema}


def random_texts(count: int, length: int, end: str = "") -> list[str]:
    letters = random.Random(1)
    return ["".join(letters.choices("ab", k=length)) + end for _ in range(count)]


def test_a_search_ends_in_time_where_each_value_takes_long() -> None:
    texts = random_texts(90, 10_000, "x")
    unprovable = "z" * 4_100
    before, after = (
        definition(
            {
                f"p{n}": {"pattern": f"a[ab]{{4000}}[{end}]|{unprovable}", "enum": texts[n * 15 : n * 15 + 15]}
                for n in range(6)
            }
        )
        for end in ("xy", "xz")
    )
    began = time.thread_time()
    assert compare(before, after).outcome == ComparisonOutcome.UNPROVEN
    assert time.thread_time() - began < 3 * MAX_SEARCH_SECONDS


def test_long_patterns_that_match_soon_have_a_counterexample_soon() -> None:
    before, after = (
        definition(
            {f"p{n}": {"type": "string", "pattern": text + end} for n, text in enumerate(random_texts(150, 1_900))}
        )
        for end in "ab"
    )
    began = time.thread_time()
    assert compare(before, after).outcome == ComparisonOutcome.BREAKING
    assert time.thread_time() - began < 4
