"""The fuzz of the check: some thousand hostile events have their verdicts, and a fault is found and made small."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
import structlog

from benchmarks.soak.fuzz.__main__ import try_round
from benchmarks.soak.fuzz.checked_bodies import EVENTS, BodyTrial, HostileBody, hostile_bodies
from benchmarks.soak.fuzz.hostile_events import damaged_event, hostile_event, is_strict, real_events
from benchmarks.soak.fuzz.hostile_requests import hostile_request
from benchmarks.soak.fuzz.round_report import RoundReport
from benchmarks.soak.fuzz.shrinking import shrink
from tests.factories.catalog import EventFactory, SourceFactory
from tracking.traffic.check import worker
from tracking.traffic.collect.wires.segment_wire import SegmentWire
from tracking.traffic.models import InboxBatch, TrafficCount


@pytest.fixture
def body_trial(db: None) -> BodyTrial:
    source = SourceFactory.create(slug="fuzzed")
    for name in ("Order Completed", "Product Viewed"):
        EventFactory.create(name=name, sources=[source], is_live=True)
    return BodyTrial(source)


@pytest.mark.timeout(300)
def test_thousands_of_hostile_events_have_a_verdict(body_trial: BodyTrial) -> None:
    report = try_round(body_trial, "tests/1")
    assert report.inputs == EVENTS and not report.escapes
    assert 0 < report.refused_bodies < EVENTS // 10  # most of them were checked
    assert not InboxBatch.objects.exists() and not TrafficCount.objects.exists()
    assert RoundReport.from_line(report.as_line()) == report


def few_bodies(seed: str) -> list[HostileBody]:
    """Bodies of a round, some of them: what takes seconds with all of them is seen with a few."""
    return hostile_bodies(seed)[:4]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.soak.fuzz.__main__.hostile_bodies", few_bodies)


@pytest.mark.usefixtures("few")
def test_an_event_that_cannot_be_read_is_found_among_hundreds(
    body_trial: BodyTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    normalise = SegmentWire.normalise
    bad = few_bodies("tests/2")[2].events[-1]

    def normalise_but_one(wire: SegmentWire, parsed_json: Any, **options: Any) -> Any:
        if parsed_json.value == json.loads(bad):
            raise ZeroDivisionError
        return normalise(wire, parsed_json, **options)

    monkeypatch.setattr(SegmentWire, "normalise", normalise_but_one)
    (escape,) = try_round(body_trial, "tests/2").escapes
    assert "quarantined" in escape.detail and "ZeroDivisionError" in escape.detail
    assert escape.seed == "tests/2"
    shown = json.loads(base64.b64decode(escape.shown_input))
    assert shown == json.loads(bad) or shown["batch"] == [json.loads(bad)]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("logged", ["raise", "log", "lose"])
def test_a_check_that_raises_logs_or_loses_is_an_escape(
    body_trial: BodyTrial, monkeypatch: pytest.MonkeyPatch, logged: str
) -> None:
    check_claim = worker.check_claim

    def check_badly(claim: Any) -> int:
        if logged == "raise":
            raise ZeroDivisionError
        count = check_claim(claim)
        if logged == "log":
            structlog.get_logger().error("a sample could not be made", error="somewhere")
        return count - (logged == "lose")

    monkeypatch.setattr(worker, "check_claim", check_badly)
    (escape,) = try_round(body_trial, "tests/3").escapes
    expected = {"raise": "ZeroDivisionError", "log": "a sample could not be made: somewhere", "lose": "checked of"}
    assert expected[logged] in escape.detail


def test_the_same_seed_makes_the_same_inputs() -> None:
    for make in (hostile_event, damaged_event):
        first, second = ([make(random) for _ in range(300)] for random in (Random("a"), Random("a")))
        assert first == second != [make(random) for random in [Random("b")] for _ in range(300)]
    assert hostile_bodies("x") == hostile_bodies("x")
    asked = [[hostile_request(random, "key", "token") for _ in range(150)] for random in (Random(3), Random(3))]
    assert asked[0] == asked[1] and {request.kind for request in asked[0]} == {"collector", "pages"}


def test_inputs_are_of_all_kinds() -> None:
    assert len(real_events()) > 30
    random = Random("kinds")
    hostile = [hostile_event(random) for _ in range(2_000)]
    damaged = [damaged_event(random) for _ in range(500)]
    assert 0.7 < sum(map(is_strict, hostile)) / len(hostile) < 1.0
    assert sum(map(is_strict, damaged)) / len(damaged) < 0.9
    assert any(b"\\ud800" in event for event in hostile) and any(b"\\u0000" in event for event in hostile)
    assert any(b"[" * 90 in event.replace(b'{"a": ', b"[") for event in hostile)


@pytest.fixture
def deadline() -> Iterator[float]:
    yield time.monotonic() + 5


@pytest.mark.parametrize("wanted", [{3}, {3, 900}, {0, 999}, {500, 501, 502}])
def test_an_input_is_made_as_small_as_shows_it(wanted: set[int], deadline: float) -> None:
    def shows(numbers: Sequence[int]) -> bool:
        return wanted <= set(numbers)

    assert set(shrink(range(1_000), shows, until=deadline)) == wanted
    assert list(shrink(range(1_000), shows, until=time.monotonic() - 1)) == list(range(1_000))
