"""Any body whatever gives the same events on both ways: those of the wire and the contract, or none."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice

import msgspec
import pytest

from benchmarks.soak.fuzz.fast_path_bodies import hostile_batches, main, outcomes_of
from benchmarks.soak.fuzz.fast_path_round import compare_ways
from benchmarks.soak.fuzz.hostile_events import real_events
from catalog.contract.fast_path import fast_batch
from catalog.contract.fast_path.event_outline import EventOutline
from catalog.contract.fast_path.fast_contract import FastContract


def test_two_thousand_hostile_events_are_read_alike() -> None:
    outcomes: Counter[str] = Counter()
    for body in hostile_batches("tests/1"):
        found = outcomes_of(body)
        assert not found["wrong"], body
        outcomes += found
        if outcomes.total() >= 2_000:
            break
    assert outcomes["accepted"] > 300


def test_the_events_of_real_sdks_are_fast() -> None:
    calls = [json.loads(event) | {"event": "A"} for event in real_events()]
    fast = [json.dumps(call) for call in calls if call["type"] in ("track", "page", "screen")]
    assert len(fast) > 20
    assert outcomes_of(f'{{"batch": [{", ".join(fast)}]}}'.encode()) == Counter({"accepted": len(fast)})


def test_a_round_of_the_fuzz_finds_nothing_or_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compare_ways("tests/3", pair_count=600, body_count=20) == []

    def parse_without_looking(outline: EventOutline, contract: FastContract) -> bool:
        sent = outline.sent
        try:
            sent["properties"] = contract.decode_properties(sent["properties"])
        except msgspec.MsgspecError:
            return False
        return True

    monkeypatch.setattr(fast_batch, "_parse_properties", parse_without_looking)
    escapes = compare_ways("tests/3", pair_count=600, body_count=0)
    assert escapes and all(escape.kind == "fast path" and escape.shown_input for escape in escapes)


def test_the_soak_tells_what_came_of_the_events(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tests/2", "--events", "50"]) == 0
    assert "'accepted': " in capsys.readouterr().out
    assert list(islice(hostile_batches("x"), 20)) == list(islice(hostile_batches("x"), 20))
