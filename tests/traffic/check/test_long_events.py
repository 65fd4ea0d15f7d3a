"""An event whose texts a definition's patterns would take minutes for is left unchecked, and holds up no other."""

from __future__ import annotations

from hashlib import sha256
from time import process_time

import pytest

from catalog.contract import compile_contract
from catalog.contract.schema.cost_limits import MAX_MATCHING
from catalog.models import Source, WriteKey
from tests.factories.catalog import EventFactory, definition
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic.check.event_validator import TOO_LONG
from tracking.traffic.models import QuarantinedBatch

COSTLY = ".*1.{950}x"


def pattern_definition(pattern: str) -> dict[str, object]:
    document = definition("Order Completed")
    document["schema"] = {"type": "object", "properties": {"code": {"type": "string", "pattern": pattern}}}
    return document


def hostile_text(length: int) -> str:
    """Bits in which nothing repeats soon, which is what such a pattern suits worst."""
    return "".join(f"{sha256(str(number).encode()).digest()[0]:08b}" for number in range(length // 8))


@pytest.mark.parametrize(
    ("pattern", "longest"), [("^a$", MAX_MATCHING // 3), ("a{100}", MAX_MATCHING // 100), (None, MAX_MATCHING)]
)
def test_how_long_an_event_may_be_follows_from_the_largest_pattern(pattern: str | None, longest: int) -> None:
    document = pattern_definition(pattern or "")
    if pattern is None:
        document["schema"] = {"type": "object"}
    assert compile_contract(document).longest_event == longest


@pytest.mark.django_db
def test_a_long_event_is_left_unchecked_soon_and_the_others_are_checked(key: WriteKey, shop: Source) -> None:
    EventFactory.create(name="Order Completed", definition=pattern_definition(COSTLY), sources=[shop], is_live=True)
    long = track_call(properties={"code": hostile_text(1_000_000)})
    post_batch(key, track_call(properties={"code": "1" * 951 + "x"}), long, track_call(properties={"code": "1"}))
    began = process_time()
    assert process_inbox() == 3
    assert process_time() - began < 10
    assert counts_by_verdict() == {"conforming": 1, "nonconforming": 1, "unchecked": 1}
    kept = QuarantinedBatch.objects.get()
    assert (kept.event_count, kept.reason) == (1, TOO_LONG)
