"""Event time: when an event happened, by its sender's clocks and ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.contract.event_time import ClockFault, ClockProblem, read_event_time, read_time

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
YEAR = 365 * DAY


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("separator", ["\x00", "\ud800", "x", "_", "\u0130"])
def test_nothing_but_what_iso_8601_writes_stands_in_a_time(separator: str) -> None:
    assert read_time(f"2026-03-04{separator}12:00:00") is None


@pytest.mark.parametrize("text", ["2026-03-04T12:00:00Z", "2026-03-04 12:00Z", "20260304T120000z", "2026-W10-3T12:00"])
def test_what_iso_8601_writes_is_a_time(text: str) -> None:
    assert read_time(text) == NOON


@pytest.mark.parametrize(
    ("occurred", "sent", "expected"),
    [
        pytest.param(NOON, NOON, NOON, id="sent at once"),
        pytest.param(NOON - 2 * HOUR, NOON, NOON - 2 * HOUR, id="it waited two hours"),
        pytest.param(NOON - YEAR - HOUR, NOON - YEAR, NOON - HOUR, id="a clock that is a year behind"),
        pytest.param(NOON + 5 * MINUTE, NOON + 6 * MINUTE, NOON - MINUTE, id="a clock that is a little ahead"),
        pytest.param(NOON - 30 * DAY, NOON, NOON - 30 * DAY, id="thirty days"),
        pytest.param(NOON + MINUTE, NOON, NOON, id="after it was sent, a little"),
        pytest.param(NOON - HOUR, NOON - YEAR, NOON, id="long after it was sent"),
        pytest.param(
            NOON - YEAR + MINUTE, NOON - YEAR, NOON, id="a little after it was sent, by a clock a year behind"
        ),
    ],
)
def test_the_lag_is_taken_from_what_was_received(occurred: datetime, sent: datetime, expected: datetime) -> None:
    time = read_event_time(written(occurred), written(sent), NOON)
    assert (time.at, time.problems, time.is_reliable) == (expected, (), True)


@pytest.mark.parametrize(
    ("occurred", "sent", "problems"),
    [
        pytest.param(written(NOON - 31 * DAY), written(NOON), {"occurred_at": "ancient"}, id="long ago"),
        pytest.param(
            written(NOON - 40 * DAY), written(NOON - YEAR), {"occurred_at": "ancient"}, id="after it was sent"
        ),
        pytest.param(written(NOON - 31 * DAY), None, {"occurred_at": "ancient"}, id="long ago, and not said when sent"),
        pytest.param(written(NOON + 11 * MINUTE), None, {"occurred_at": "future"}, id="ahead"),
        pytest.param(written(NOON + 3 * YEAR), written(NOON), {"occurred_at": "future"}, id="years ahead"),
        pytest.param(
            written(NOON + YEAR), written(NOON + YEAR), {"occurred_at": "future", "sent_at": "future"}, id="both ahead"
        ),
        pytest.param(written(NOON), written(NOON + YEAR), {"sent_at": "future"}, id="sent in a year"),
    ],
)
def test_what_cannot_be_dated_happened_when_it_was_received(occurred: Any, sent: Any, problems: dict[str, str]) -> None:
    time = read_event_time(occurred, sent, NOON)
    assert time.at == NOON
    assert {problem.field: problem.fault.value for problem in time.problems} == problems
    assert not time.is_reliable


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
def test_a_number_is_read_by_its_size(unit: int) -> None:
    seconds = int(NOON.timestamp())
    assert read_time(seconds * unit) == read_time(str(seconds * unit)) == NOON
    assert read_time(-seconds * unit) is None


@pytest.mark.parametrize("value", ["yesterday", "", "04.03.2026 12:00", True, {}, [], 12, "9" * 500, 1e400, "\ud800"])
def test_what_cannot_be_read_counts_as_received(value: Any) -> None:
    time = read_event_time(value, written(NOON), NOON)
    assert time.at == NOON and time.is_reliable
    assert time.problems == (ClockProblem("occurred_at", ClockFault.UNREADABLE),)
    time = read_event_time(written(NOON - HOUR), value, NOON)
    assert time.at == NOON and time.is_reliable
    assert time.problems == (ClockProblem("sent_at", ClockFault.UNREADABLE),)


def test_an_event_without_any_time_counts_as_received() -> None:
    for sent in (None, written(NOON), written(NOON - YEAR)):
        time = read_event_time(None, sent, NOON)
        assert (time.at, time.problems, time.is_reliable, time.lag) == (NOON, (), True, None)


def test_an_event_that_does_not_say_when_it_was_sent_was_sent_when_it_came() -> None:
    assert read_event_time(written(NOON - 2 * HOUR), None, NOON).at == NOON - 2 * HOUR


def test_a_dry_run_says_nothing_of_the_age_of_what_was_never_sent() -> None:
    """Fixtures in somebody's repository must not begin to warn as they grow old."""
    time = read_event_time(written(NOON - YEAR), None, NOON, is_dry_run=True)
    assert (time.at, time.problems) == (NOON, ())
    assert read_event_time(written(NOON + YEAR), None, NOON, is_dry_run=True).problems
    assert read_event_time(written(NOON - YEAR), written(NOON), NOON, is_dry_run=True).problems


def test_history_happened_when_it_says() -> None:
    for sent in (None, written(NOON)):
        time = read_event_time(written(NOON - 9 * YEAR), sent, NOON, is_history=True)
        assert (time.at, time.problems, time.is_late) == (NOON - 9 * YEAR, (), False)
    ahead = read_event_time(written(NOON + YEAR), None, NOON, is_history=True)
    assert ahead.at == NOON and not ahead.is_reliable
    assert read_event_time("yesterday", None, NOON, is_history=True).at == NOON


def test_late_is_more_than_a_day_by_one_clock() -> None:
    assert not read_event_time(written(NOON - DAY), written(NOON), NOON).is_late
    assert read_event_time(written(NOON - DAY - MINUTE), written(NOON), NOON).is_late
    assert read_event_time(written(NOON - 5 * YEAR - 2 * DAY), written(NOON - 5 * YEAR), NOON).is_late
    assert read_event_time(written(NOON - 2 * DAY), None, NOON).is_late


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-04T12:00:00.000Z",
        "2026-03-04T12:00:00.123456+00:00",
        "2026-03-04T12:00:00.123456789Z",
        "2026-03-04T12:00:00Z",
        "2026-03-04t12:00:00z",
        "2026-03-04T13:00:00+0100",
        "2026-03-04 12:00:00",
        "20260304T120000Z",
        1772625600,
        1772625600.25,
        1772625600123,
        1772625600123456,
        "1772625600",
        "1772625600123",
    ],
)
def test_every_way_in_which_sdks_write_a_time(value: Any) -> None:
    """ISO 8601 as Segment's and RudderStack's do; numbers as Amplitude's, Mixpanel's, Google's and Snowplow's do."""
    read = read_time(value)
    assert read is not None and NOON <= read < NOON + timedelta(seconds=1)


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.datetimes().map(str)),
    st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.datetimes().map(lambda found: f"{found}Z")),
    st.booleans(),
)
def test_no_value_makes_it_fail(occurred: Any, sent: Any, is_history: bool) -> None:
    time = read_event_time(occurred, sent, NOON, is_history=is_history)
    assert time.at.tzinfo is not None and time.at <= NOON + timedelta(minutes=10)
