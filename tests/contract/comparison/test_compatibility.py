"""The corpus of pairs of definitions: outcome, change, and a witness that really is one."""

import pytest

from catalog.contract import (
    ComparisonOutcome,
    Event,
    InvalidDefinition,
    Verdict,
    compare,
    compare_for_all_sources,
    compile_contract,
)
from tests.contract.corpus import corpus

CASES = [pytest.param(case, id=case["name"]) for case in corpus("comparisons")]


@pytest.mark.parametrize("case", CASES)
def test_comparison(case):
    found = compare(case["old"], case["new"], source=case.get("source"))

    assert (found.outcome, found.version_bump) == (case["outcome"], case["change"])
    assert found.counterexample == case["witness"]
    assert found.reason


@pytest.mark.parametrize(
    "case", [case for case in corpus("comparisons") if case["witness"]], ids=lambda case: case["name"]
)
def test_a_witness_passes_before_and_not_after(case):
    event = Event(call=case["old"]["call"], **case["witness"])
    source = case.get("source")
    before, after = (compile_contract(case[each], source=source) for each in ("old", "new"))

    if compare(case["old"], case["new"], source=source).keeps_valid:
        assert before.check(event).verdict == Verdict.CONFORMING
        assert after.check(event).verdict == Verdict.NONCONFORMING
    else:
        assert before.is_valid_strictly(event)
        assert not after.is_valid_strictly(event)


def test_the_largest_change_of_any_source_counts():
    old = {"name": "x", "schema": {"properties": {"a": {}}}}
    new = old | {"per_source": {"ios": {"required": ["a"]}, "web": {}}}

    found = compare_for_all_sources(old, new)

    assert found.outcome is ComparisonOutcome.BREAKING
    assert compare_for_all_sources(old, old).outcome is ComparisonOutcome.EQUAL


def test_a_document_with_problems_is_refused():
    with pytest.raises(InvalidDefinition) as caught:
        compare({"name": "x", "schema": {}}, {"name": "x", "schema": {"type": "strin"}})
    assert caught.value.problems
