"""Requests of real SDKs, replayed with their headers and encoding."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog.models import Event, Source, WriteKey
from tests.factories.traffic import basic_auth_header, process_inbox
from tracking.traffic.choices import WireChoice
from tracking.traffic.collect.wires import WIRES
from tracking.traffic.models import InboxBatch, QuarantinedBatch, Sample, TrafficCount

CAPTURES = Path(__file__).resolve().parents[2] / "data" / "captures"
FILES = sorted(path.name for path in CAPTURES.glob("*.json"))
# Their bodies hold the key that they were recorded with; a real shop's would hold its own.
MADE_UP_TIME = '"2024-01-02T03:04:05.000Z"'
RECORDED_KEY = "TEST_WRITE_KEY"

pytestmark = pytest.mark.django_db


def requests_of(name: str) -> Iterator[dict[str, Any]]:
    """The requests that a file holds, in all of its variants."""
    recorded = json.loads((CAPTURES / name).read_text())
    for variant in recorded.get("variants", [recorded]):
        yield from variant["requests"]


def replay(recorded: dict[str, Any], key: WriteKey) -> Any:
    """Send a recorded request again: same method, path, headers and encoding, with a key of ours."""
    headers = {name: value for name, value in recorded["headers"] if name.lower() not in ("host", "content-length")}
    headers = {name: basic_auth_header(key) if name == "Authorization" else value for name, value in headers.items()}
    kind = headers.pop("Content-Type", "application/octet-stream")
    body = b""
    if recorded["body"]:
        body = json.dumps(recorded["body"]["json"], ensure_ascii=False).encode()
        if recorded["body"].get("gunzipped"):
            body = gzip.compress(body)
    return Client().generic(recorded["method"], recorded["path"], body, kind, headers=headers)


def events_in(recorded: dict[str, Any]) -> list[dict[str, Any]]:
    """The events that a recorded request brings."""
    if recorded["method"] != "POST":
        return []
    body = recorded["body"]["json"]
    return list(body.get("batch", [body]))


@pytest.mark.parametrize("name", FILES)
def test_the_times_of_a_real_sdk_can_be_read(name: str, key: WriteKey, shop: Source, order: Event) -> None:
    """All but those that the programs that were recorded made up, which are of 2024."""
    for recorded in requests_of(name):
        replay(recorded, key)
    process_inbox()
    samples = list(Sample.objects.all())
    assert samples and all(sample.event["occurred_at"] for sample in samples)
    clocks = [violation for sample in samples for violation in sample.violations if violation["rule"] == "clock"]
    assert {violation["came"] for violation in clocks} <= {'"2024-01-02T03:04:05.000+00:00"', MADE_UP_TIME}


@pytest.mark.parametrize("name", FILES)
def test_a_real_sdk_is_understood_and_its_events_counted_once(
    name: str, key: WriteKey, shop: Source, order: Event
) -> None:
    sent: list[dict[str, Any]] = []
    for recorded in requests_of(name):
        answer = replay(recorded, key)
        sent += events_in(recorded)
        if recorded["method"] == "OPTIONS":
            assert answer.status_code == 204
            assert answer.headers["Access-Control-Allow-Origin"] == dict(recorded["headers"])["Origin"]
        else:
            assert answer.status_code == 200
            assert answer.json()["success"] is True
    assert sum(InboxBatch.objects.values_list("event_count", flat=True)) == len(sent)

    assert process_inbox() == len(sent)

    assert not InboxBatch.objects.exists()
    assert not QuarantinedBatch.objects.exists()
    totals = TrafficCount.objects.totals()
    ids = Counter(event["messageId"] for event in sent)
    assert totals["count"] == len(ids)
    assert totals["repeats"] == len(sent) - len(ids)
    assert totals["count"] == Sample.objects.filter(is_repeat=False).count()


@pytest.mark.parametrize("name", FILES)
def test_sending_it_all_again_is_repeats(name: str, key: WriteKey, order: Event) -> None:
    for _ in range(2):
        for recorded in requests_of(name):
            assert replay(recorded, key).status_code in (200, 204)
        process_inbox()

    totals = TrafficCount.objects.totals()
    ids = {event["messageId"] for recorded in requests_of(name) for event in events_in(recorded)}
    assert totals["count"] == len(ids)
    assert totals["repeats"] >= len(ids)


@pytest.mark.parametrize("name", FILES)
def test_what_it_says_is_found_where_contracts_look(name: str, staging_key: WriteKey) -> None:
    for recorded in requests_of(name):
        replay(recorded, staging_key)
    process_inbox()

    sent = [event for recorded in requests_of(name) for event in events_in(recorded)]
    by_id = {sample.event["message_id"]: sample for sample in Sample.objects.deduplicated()}
    for event in sent:
        sample = by_id[event["messageId"]]
        traits = event.get("traits") or event["context"].get("traits")
        assert sample.event["call"] == event["type"]
        assert sample.event["event"] == (event.get("event") or event.get("name") or event["type"])
        assert sample.event["user_id"] == event.get("userId")
        assert set(sample.event["traits"] or {}) == set(traits or {})
        assert set(sample.event["properties"] or {}) == set(event.get("properties") or {})
        assert sample.event["context"]["library"] == event["context"]["library"]
        assert sample.event["occurred_at"] == event["timestamp"]
        assert sample.event["sent_at"]
        assert sample.verdict == "undocumented"
    assert RECORDED_KEY not in json.dumps([sample.event for sample in by_id.values()])


def test_a_defined_event_of_an_sdk_is_held_against_its_definition(key: WriteKey, order: Event) -> None:
    for recorded in requests_of("segment-analytics-python.json"):
        replay(recorded, key)
    process_inbox()

    sample = Sample.objects.of_event(order).get()
    assert sample.verdict == "conforming"
    assert sample.version_id == order.newest_version_id
    unknown = {violation["path"] for violation in sample.violations}
    assert "/properties/revenue" in unknown
    assert TrafficCount.objects.of_event(order).totals()["warned"] == 1


def test_every_wire_can_be_named_by_people_and_programs() -> None:
    assert set(WireChoice.values) == set(WIRES)
