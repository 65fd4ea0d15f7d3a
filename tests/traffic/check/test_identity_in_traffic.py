"""Ids on the whole way: what names nobody counts as nobody, and is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from catalog.contract.json.json_parser import parse_json
from catalog.models import Event, Source, WriteKey
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.explanations import explain
from tracking.quality.models import Finding
from tracking.traffic.check.check_results import CheckedBatch
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.check.event_parsing import parse_values
from tracking.traffic.check.id_spellings import SpellingMemory
from tracking.traffic.models import InboxBatch, TrafficCount

pytestmark = pytest.mark.django_db


def identity_paths(batch: CheckedBatch) -> list[list[str]]:
    """Where each event of a batch breaks the rule."""
    return [
        [violation.path for violation in checked.result.violations if violation.rule == "identity"]
        for checked in batch.events
    ]


def test_ids_that_mean_nothing_name_nobody(key: WriteKey, order: Event, recorded: list[CheckedBatch]) -> None:
    events = [
        track_call(userId="null", anonymousId="d1"),
        track_call(userId="undefined"),
        track_call(userId={"id": 1}),
        track_call(userId=7),
        track_call(userId="7"),
    ]
    post_batch(key, *events)
    process_inbox()

    (batch,) = recorded
    device, none, an_object, number, text = (checked.person_hash for checked in batch.events)
    assert device is not None
    assert (none, an_object) == (None, None)
    assert number == text
    assert identity_paths(batch) == [["/user_id"], ["/user_id"], ["/user_id"], [], []]


def test_ids_that_count_through_both_cases_are_no_spellings_of_one(
    key: WriteKey, order: Event, recorded: list[CheckedBatch]
) -> None:
    """Salesforce has both of the first two; the others are written otherwise by somebody."""
    ids = ("001D000000IqhSA", "001D000000IqhSa", "001d000000iqhsa", "001D000000IqhSa ")
    post_batch(key, *[track_call(userId=each) for each in ids])
    process_inbox()
    (batch,) = recorded
    assert identity_paths(batch) == [[], [], ["/user_id"], ["/user_id"]]


@pytest.mark.parametrize(
    "ids",
    [
        ("jR", "Jr", "JR", "jr"),
        ("Jr", "jR", "jr"),
        ("aBcD", "AbCd"),
        ("xYzQwRtPk", "XyZqWrTpK"),
        ("kJ8s", "Kj8S"),
    ],
)
def test_ids_drawn_from_letters_of_both_cases_are_no_spellings_of_one(
    key: WriteKey, order: Event, recorded: list[CheckedBatch], ids: tuple[str, ...]
) -> None:
    post_batch(key, *[track_call(userId=each) for each in ids])
    process_inbox()
    assert [identity_paths(batch) for batch in recorded] == [[[] for _ in ids]]


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("JohnDoe", "johndoe"),
        ("JohnDoe", "JOHNDOE"),
        ("McDonald", "mcdonald"),
        ("Jo", "jo"),
        ("User1", "user1"),
        ("anna.B@x.example", "Anna.b@x.example"),
        ("jR", "jR "),
        ("xYzQwRtPk", "xyzqwrtpk"),
        ("ЁЖ", "ёж"),
        ("user-42", "\ufeffuser-42"),
        ("user-42", "user\u201142"),
        ("001D0IqhSa", "001D0IqhSa\u200b"),
        ("４２1", "421"),
    ],
)
def test_ids_that_somebody_wrote_otherwise_are_told(
    key: WriteKey, order: Event, recorded: list[CheckedBatch], first: str, other: str
) -> None:
    post_batch(key, track_call(userId=first), track_call(userId=other))
    process_inbox()
    assert [identity_paths(batch) for batch in recorded] == [[[], ["/user_id"]]]


def test_one_source_with_ids_of_both_cases_says_nothing_of_another(
    key: WriteKey, staging_key: WriteKey, order: Event, recorded: list[CheckedBatch]
) -> None:
    post_batch(key, track_call(userId="jR"), track_call(userId="Ann"), track_call(userId="ann"))
    process_inbox()
    post_batch(staging_key, track_call(userId="Ann"), track_call(userId="ann"))
    process_inbox()
    assert [identity_paths(batch) for batch in recorded] == [[[], [], []], [[], ["/user_id"]]]


def test_another_spelling_is_told_in_the_batch_and_in_later_ones(
    key: WriteKey, staging_key: WriteKey, order: Event, recorded: list[CheckedBatch]
) -> None:
    post_batch(key, track_call(userId="Ann"), track_call(userId="ann"), track_call(userId="Ann"))
    process_inbox()
    post_batch(key, track_call(userId="ANN "), track_call(userId="Ann"), track_call(userId="bob", anonymousId="ann"))
    process_inbox()
    post_batch(staging_key, track_call(userId="ann"))
    process_inbox()

    assert [identity_paths(batch) for batch in recorded] == [
        [[], ["/user_id"], []],
        [["/user_id"], [], []],
        [[]],
    ]


def test_a_memory_of_spellings_is_bounded(shop: Source) -> None:
    memory = SpellingMemory(max_remembered=3)
    events = [json.dumps(track_call(userId=f"u{number}")).encode() for number in range(10)]
    results = dry_run_events(shop, "production", [parse_json(event) for event in events])
    assert len(results) == 10
    assert len(memory) == 0
    memory.mark_respelled_ids(_parsed(shop, events))
    assert len(memory) == 3


def _parsed(shop: Source, events: list[bytes]) -> Any:
    batch = InboxBatch(source=shop, environment="production", wire="segment", received_at=timezone.now())
    return parse_values([parse_json(event) for event in events], batch=batch)


def test_an_id_of_a_message_that_means_nothing_drops_no_event(key: WriteKey, order: Event) -> None:
    post_batch(key, track_call(messageId="undefined"), track_call(messageId="undefined"), track_call(messageId="null"))
    process_inbox()
    totals = TrafficCount.objects.totals()
    assert (totals["count"], totals["repeats"]) == (3, 0)


def test_the_finding_says_what_to_send(key: WriteKey, order: Event) -> None:
    post_batch(key, track_call(userId="[object Object]"))
    process_inbox()
    (finding,) = Finding.objects.filter(rule="identity")
    assert "whose events these are" in str(explain(finding))
    assert finding.severity == "warning"


@pytest.mark.parametrize("is_production", [True, False])
def test_a_finding_of_a_missing_id_says_that_nothing_came(
    key: WriteKey, staging_key: WriteKey, order: Event, is_production: bool
) -> None:
    post_batch(key if is_production else staging_key, track_call(userId=None))
    process_inbox()
    (finding,) = Finding.objects.filter(rule="identity")
    assert explain(finding).what.endswith("came nothing.")
