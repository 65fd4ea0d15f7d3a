"""Bodies out of which one person's events were taken: what is known of the others' stays with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.test import override_settings

from accounts.models import User
from catalog.contract import Contract
from catalog.models import WriteKey
from tests.erasure.traces import erase, traces_of
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.traffic.check import unchecked_events
from tracking.traffic.check.quarantine import resend_quarantined
from tracking.traffic.models import InboxBatch, QuarantinedBatch, TrafficCount

pytestmark = pytest.mark.django_db(transaction=True)

ANN, BOB = "u-4711-ann", "u-4712-bob"


@pytest.fixture
def key() -> WriteKey:
    source = SourceFactory.create()
    EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    return create_write_key(source, "staging")


@contextmanager
def every_check_fails() -> Iterator[None]:
    """Let each event be unchecked, by a fault on the one way that all of them take here."""
    with override_settings(CHECK_FAST_PATH=False), patch.object(Contract, "check", side_effect=ValueError):
        yield


def test_what_was_unchecked_is_taken_back_when_the_others_are_sent_again(key: WriteKey) -> None:
    with every_check_fails():
        post_batch(key, *(track_call(userId=user) for user in (ANN, BOB, BOB, ANN, BOB, ANN, BOB)))
        process_inbox()
    assert counts_by_verdict() == {"unchecked": 7}
    assert erase(ANN).counts == {"events in quarantine": 3}
    assert counts_by_verdict() == {"unchecked": 7}
    assert erase(BOB + "-none").counts == {}
    resend_quarantined(QuarantinedBatch.objects.get(), by=User.objects.system())
    assert InboxBatch.objects.get().event_count == 4
    assert process_inbox() == 4
    assert counts_by_verdict() == {"conforming": 4}


def test_what_is_noted_by_place_moves_with_its_event(key: WriteKey) -> None:
    """The first and last of these events are alike and have no id, and the last two are damaged in their own way."""
    alike = {"type": "track", "event": "Order Completed", "userId": BOB, "properties": {"total": 1}}
    twice = json.dumps(track_call(userId=BOB)).replace('"total"', '"total": 1, "total"')
    events = [json.dumps(alike), json.dumps(track_call(userId=ANN)), twice, json.dumps(alike)]
    with every_check_fails(), patch.object(unchecked_events, "MAX_QUARANTINED_ALONE", 0):
        post_body(key, f'{{"batch": [{", ".join(events)}]}}'.encode())
        process_inbox()
    before = QuarantinedBatch.objects.get().counted
    assert before is not None
    assert (list(before["parse_errors"]), before["possible_repeats"]) == (["2"], [3])
    erase(ANN)
    after = QuarantinedBatch.objects.get().counted
    assert after is not None
    assert (list(after["parse_errors"]), after["possible_repeats"]) == (["1"], [2])
    assert after["counts"] == before["counts"]
    resend_quarantined(QuarantinedBatch.objects.get(), by=User.objects.system())
    process_inbox()
    assert counts_by_verdict() == {"conforming": 2, "nonconforming": 1}
    assert Finding.objects.get().rule == "malformed"
    assert TrafficCount.objects.totals()["possible_repeats"] == 1


def test_damaged_json_of_others_is_still_told(key: WriteKey) -> None:
    bobs = track_call(userId=BOB, properties={"total": float("nan")})
    post_body(key, f'{{"batch": {json.dumps([track_call(userId=ANN), bobs])}}}'.encode())
    assert erase(ANN).counts == {"events that waited to be checked": 1}
    assert process_inbox() == 1
    assert process_inbox() == 0
    assert list(Finding.objects.values_list("rule", flat=True)) == ["malformed"]
    # It is counted once, however often it comes.
    post_body(key, f'{{"batch": {json.dumps([bobs])}}}'.encode())
    process_inbox()
    assert TrafficCount.objects.totals()["repeats"] == 1


def test_an_id_in_escapes_is_found(key: WriteKey) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in ANN)
    body = json.dumps({"batch": [track_call(userId="@"), track_call(userId=BOB)]}).replace('"@"', f'"{escaped}"')
    post_body(key, body.encode())
    assert erase(ANN).counts == {"events that waited to be checked": 1}
    assert traces_of(escaped) == {}


def test_what_stands_beside_the_events_goes_too(key: WriteKey) -> None:
    """A batch may say anything that nobody reads."""
    post_body(key, {"batch": [track_call(userId=BOB)], "account": {"owner": ANN}})
    erase(ANN)
    assert traces_of(ANN) == {}
    assert InboxBatch.objects.get().event_count == 1


def test_what_is_said_once_for_all_events_is_said_of_each(key: WriteKey) -> None:
    post_body(key, {"batch": [track_call(userId=BOB), track_call(userId=BOB)], "context": {"traits": {"id": ANN}}})
    assert erase(ANN).counts == {"events that waited to be checked": 2}
    assert not InboxBatch.objects.exists()
