"""The corpus of definitions and events: each gets exactly this verdict and these violations, in this order."""

import pytest

from catalog.contract import compile_contract
from tests.contract.corpus import corpus, event_of

CASES = [
    pytest.param(group["definition"], case, id=f"{group['group']}: {case['name']}")
    for group in corpus("verdicts")
    for case in group["cases"]
]


@pytest.mark.parametrize(("definition", "case"), CASES)
def test_verdict(definition, case):
    contract = compile_contract(definition, source=case.get("source"))
    event = event_of(case["event"])

    judgement = contract.check(event)

    assert [found.as_json() for found in judgement.violations] == case["violations"]
    assert judgement.verdict == case["verdict"]
    assert contract.is_valid_strictly(event) == (not case["violations"])
    assert contract.check(event) == judgement
