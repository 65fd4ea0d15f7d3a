"""What tests of the check share: what recorders get."""

from __future__ import annotations

import pytest

from tracking.traffic.check import worker
from tracking.traffic.check.check_results import CheckedBatch


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[CheckedBatch]:
    """What recorders got, in the order they got it."""
    batches: list[CheckedBatch] = []
    monkeypatch.setattr(worker, "recorders", lambda: (batches.append,))
    return batches
