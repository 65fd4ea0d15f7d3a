"""Whatever the fast path accepts, the ordinary way accepts without a warning, and reads as the same event."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.soak.fuzz.fast_path_pairs import main, outcome_of, pairs
from catalog.contract import InvalidDefinition, compile_contract, json_equal
from catalog.contract.fast_path.fast_contract import FastContract
from catalog.contract.fast_path.not_fast import NotFast
from tests.contract.definitions import NAMES, VALUES, schemas

SUITE = Path(__file__).parents[2] / "data" / "json-schema-test-suite" / "draft2020-12"


def test_two_thousand_pairs_near_the_known_differences_have_no_wrong_one() -> None:
    tried = list(islice(pairs("tests/1"), 2_000))
    assert [pair for pair in tried if pair.outcome == "wrong"] == []
    counts = Counter(pair.outcome for pair in tried)
    assert min(counts["accepted"], counts["broken"]) > 400 and counts["refused"] > 50


def test_the_soak_tells_how_many_pairs_had_which_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tests/2", "--pairs", "100"]) == 0
    assert capsys.readouterr().out.startswith("100 pairs: {'accepted': ")
    assert list(islice(pairs("tests/2"), 100)) == list(islice(pairs("tests/2"), 100))


@given(schemas(only_objects=True), st.lists(st.dictionaries(NAMES, VALUES, max_size=3), min_size=1, max_size=5))
@settings(max_examples=500)
def test_schemas_of_any_keywords_have_no_wrong_pair(schema: dict[str, Any], payloads: list[dict[str, Any]]) -> None:
    document = schema | {"type": "object", "$defs": {"a": {"type": "string"}, "b": True}}
    try:
        contract = compile_contract({"name": "A", "call": "track", "schema": document})
        fast = FastContract(contract)
    except (InvalidDefinition, NotFast):
        return
    for payload in payloads:
        assert outcome_of(contract, fast, json.dumps(payload)) != "wrong"


def suite_cases() -> list[Any]:
    """The groups of the JSON Schema Test Suite, by file and description."""
    return [
        pytest.param(group, id=f"{file.stem}: {group['description']}")
        for file in sorted(SUITE.rglob("*.json"))
        for group in json.loads(file.read_text())
    ]


def _definitions_of(schema: Any) -> list[tuple[dict[str, Any], bool]]:
    """A schema as that of the properties, and as that of one property where it refers to nothing; which is which."""
    nested: dict[str, Any] = {"type": "object", "properties": {"value": schema}, "required": ["value"]}
    is_part = isinstance(schema, dict) and schema.get("type", "object") == "object"
    as_part = [({**schema, "type": "object"}, False)] if is_part else []
    return [*as_part, *([(nested, True)] if "$ref" not in json.dumps(schema) else [])]


def _outcomes_of(group: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each case of a group that the fast path is asked of, with what came of it."""
    for schema, is_nested in _definitions_of(group["schema"]):
        try:
            contract = compile_contract({"name": "A", "call": "track", "schema": schema})
            fast = FastContract(contract)
        except (InvalidDefinition, NotFast):
            continue
        for case in group["tests"]:
            payload = {"value": case["data"]} if is_nested else case["data"]
            yield case, outcome_of(contract, fast, json.dumps(payload))


@pytest.mark.parametrize("group", suite_cases())
def test_nothing_is_accepted_that_the_test_suite_calls_invalid(group: dict[str, Any]) -> None:
    for case, found in _outcomes_of(group):
        assert found in (("accepted", "refused", "broken") if case["valid"] else ("refused", "broken")), case


def test_many_of_the_suites_valid_cases_are_accepted() -> None:
    groups = (param.values[0] for param in suite_cases())
    found = Counter(outcome for group in groups for _, outcome in _outcomes_of(group))
    assert found["accepted"] > 100 and not found["wrong"]


def test_making_types_leaves_the_memory_whole() -> None:
    """msgspec wrote past its memory for some unions: Python's own check of its memory ends the process then."""
    program = (
        "import gc\n"
        "from itertools import islice\n"
        "from benchmarks.soak.fuzz.fast_path_pairs import pairs\n"
        "for number, pair in enumerate(islice(pairs('tests/3'), 4_000)):\n"
        "    number % 100 or gc.collect()\n"
        "print('whole')\n"
    )
    environment = os.environ | {"PYTHONMALLOC": "debug"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert (done.stdout, done.returncode) == ("whole\n", 0), done.stderr[-500:]


def test_what_is_accepted_is_the_value_as_it_was_sent() -> None:
    seen = 0
    for pair in islice(pairs("tests/4"), 1_000):
        if pair.outcome == "accepted":
            decoded = FastContract(
                compile_contract({"name": "A", "call": "track", "schema": pair.schema})
            ).decode_properties(pair.payload.encode())
            assert json_equal(decoded, json.loads(pair.payload))
            seen += 1
    assert seen > 200
