"""The work of the benchmarks: events of many shapes, from real definitions and SDKs, and what each must count as."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from benchmarks.load.plan import PASS, SECOND
from benchmarks.machine.postgres import NotDurable, read_postgres
from benchmarks.pipeline.counted import Counted, NotExact, require_exact
from benchmarks.workload.definitions import real_definitions
from benchmarks.workload.sdk_events import sdks
from benchmarks.workload.shapes import SHAPES, make_shapes
from benchmarks.workload.traffic import (
    EVENTS_A_REQUEST,
    SENDERS,
    CountKey,
    Traffic,
    make_traffic,
    second_version,
)
from catalog.contract import Event, Verdict, compile_contract

KEYS = {sender.slug: f"wk_{sender.slug}" for sender in SENDERS}


@pytest.fixture(scope="module")
def definitions() -> tuple[dict[str, Any], ...]:
    return real_definitions(12)


@pytest.fixture(scope="module")
def traffic(definitions: tuple[dict[str, Any], ...]) -> Traffic:
    return make_traffic(definitions, KEYS, requests=40)


def body_of(request: bytes) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.partition(b"\r\n\r\n")[2])
    return body


def test_a_definition_has_many_shapes_of_three_kinds(definitions: tuple[dict[str, Any], ...]) -> None:
    shapes = [make_shapes(document, Random(1)) for document in definitions]
    assert [make_shapes(document, Random(1)) for document in definitions] == shapes
    distinct = [len({json.dumps(value, sort_keys=True) for value in each.conforming}) for each in shapes]
    assert sum(distinct) > SHAPES * len(definitions) / 2
    for document, each in zip(definitions, shapes, strict=True):
        contract = compile_contract(document)
        verdicts = {
            kind: {contract.check(Event(call="track", properties=value)).verdict for value in values}
            for kind, values in (("conforming", each.conforming), ("broken", each.broken))
        }
        assert verdicts["conforming"] == {Verdict.CONFORMING}
        assert verdicts["broken"] <= {Verdict.NONCONFORMING}
    assert all(None in value.values() for each in shapes for value in each.with_null)


def test_events_look_as_their_sdk_sends_them() -> None:
    for name, sdk in sdks().items():
        (context, *_) = sdk.contexts("2.5.0", Random(1))
        event = sdk.make_event("Order Completed", {"total": 1}, context, 7, Random(1))
        assert event["event"] == "Order Completed" and event["properties"] == {"total": 1}, name
        assert event["context"]["library"] and event["context"]["app"]["version"] == "2.5.0"
        assert PASS.decode() in event["messageId"] and event["timestamp"].startswith(SECOND.decode())
        assert set(event) == set(sdk.event)
    assert {len(sdk.contexts("2.5.0", Random(1))) > 1 for sdk in sdks().values()} == {True, False}


def test_requests_are_whole_and_come_from_every_source(traffic: Traffic) -> None:
    for request in traffic.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}" in head.decode()
        assert len(body_of(request)["batch"]) == EVENTS_A_REQUEST
    keys = Counter(key.source for counts in traffic.counts for key in counts)
    assert set(keys) == set(KEYS)
    ids = [event["messageId"] for request in traffic.requests for event in body_of(request)["batch"]]
    assert len(set(ids)) == len(ids)


def test_one_in_twenty_is_expected_to_be_broken(traffic: Traffic) -> None:
    verdicts = Counter[str]()
    for key, count in traffic.expected(len(traffic.requests)).items():
        verdicts[key.verdict] += count
    assert verdicts.total() == len(traffic.requests) * EVENTS_A_REQUEST
    assert set(verdicts) == {"conforming", "nonconforming"}
    assert 0.03 < verdicts["nonconforming"] / verdicts.total() < 0.09


def test_what_is_expected_follows_the_passes(traffic: Traffic) -> None:
    once = traffic.expected(len(traffic.requests))
    first = Counter(traffic.counts[0])
    assert traffic.expected(1) == first
    assert traffic.expected(2 * len(traffic.requests) + 1) == once + once + first


def test_a_second_version_only_adds(definitions: tuple[dict[str, Any], ...]) -> None:
    for document in definitions:
        names = set(second_version(document)["schema"]["properties"])
        assert names - set(document["schema"]["properties"]) == {"placement"}


@pytest.mark.django_db
def test_a_database_that_may_forget_is_not_called_durable() -> None:
    postgres = read_postgres()
    if postgres.is_durable:  # somebody's own server
        assert "NOT DURABLE" not in str(postgres)
        return
    assert "NOT DURABLE" in str(postgres) and "fsync is off" in postgres.weaknesses
    with pytest.raises(NotDurable, match="not durable: fsync is off"):
        postgres.require_durable()
    assert postgres.processor_seconds() or postgres.postmaster is None


@pytest.mark.django_db
def test_what_is_lost_doubled_or_not_told_as_repeat_gives_no_figure() -> None:
    one, other = CountKey("web", "A", "1.0", "conforming"), CountKey("web", "B", "1.0", "conforming")
    sent = Counter({one: 3, other: 2})
    require_exact(Counted(Counter(sent), 5), sent, repeats=5, possible_repeats=0)
    require_exact(Counted(Counter(sent), 6), sent, repeats=5, possible_repeats=1)
    for counts, repeats in ((Counter({one: 3}), 5), (sent + Counter({one: 1}), 5), (sent, 4), (sent, 7)):
        with pytest.raises(NotExact):
            require_exact(Counted(counts, repeats), sent, repeats=5, possible_repeats=1)
    with pytest.raises(NotExact, match=r"web / A / 1\.0 / conforming: 2 counted, 3 sent"):
        require_exact(Counted(Counter({one: 2, other: 2}), 5), sent, repeats=5, possible_repeats=0)
