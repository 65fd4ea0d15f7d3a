"""Events that break very much: their verdicts stand, and a check keeps no more of it than it can hold."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Event, WriteKey
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic.check import evaluation
from tracking.traffic.check.check_results import CheckedBatch

pytestmark = pytest.mark.django_db


def test_past_the_limit_a_few_violations_of_each_event_are_kept_errors_first(
    key: WriteKey, order: Event, recorded: list[CheckedBatch], monkeypatch: Any
) -> None:
    monkeypatch.setattr(evaluation, "MAX_VIOLATIONS", 100)
    unknown = {f"a{number}": 1 for number in range(60)}
    wrong = track_call(properties={"total": "much", **unknown})
    post_batch(
        key,
        track_call(properties={"total": 1, **unknown}),
        *(wrong | {"messageId": f"m-{number}"} for number in range(3)),
        track_call(properties={"total": 1}),
        track_call(properties={"total": "little"}),
    )
    assert process_inbox() == 6

    kept = [checked.result for checked in recorded[0].events]
    assert [len(result.violations) for result in kept] == [60, 20, 20, 20, 0, 1]
    assert [result.verdict.value for result in kept] == [
        *("conforming", "nonconforming", "nonconforming", "nonconforming", "conforming", "nonconforming")
    ]
    for result in kept[1:4]:
        assert "/properties/total" in [violation.path for violation in result.violations]
    for checked in recorded[0].events[1:4]:
        assert checked.contract_result is not None
        assert len(checked.contract_result.violations) == 20
    assert counts_by_verdict() == {"conforming": 2, "nonconforming": 4}
