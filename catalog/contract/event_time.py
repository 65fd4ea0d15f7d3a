"""When an event happened: by its sender's clock, put right by ours."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from msgspec import Struct

MAX_LAG = timedelta(days=30)
"""How long an event may wait in its app before it is sent; past that its time is not trusted."""

MAX_AHEAD = timedelta(minutes=10)
"""How far a clock may be ahead of ours."""

LATE_AFTER = timedelta(days=1)

MAX_TEXT_LENGTH = 40
_TIME_TEXT = re.compile(r"[0-9TtWwZz :.,+-]*")

# Numbers, by their size: seconds, milliseconds, microseconds and nanoseconds of the years 1973 to 5138.
_EPOCH_UNITS = ((10**8, 1), (10**11, 1_000), (10**14, 1_000_000), (10**17, 1_000_000_000))
_EPOCH_END = 10**20

_ZERO = timedelta(0)


class ClockFault(StrEnum):
    """What is wrong with a time that came with an event."""

    UNREADABLE = "unreadable"
    FUTURE = "future"
    ANCIENT = "ancient"


class ClockProblem(Struct, frozen=True):
    """One time that cannot be relied on: which field of the event it is, and what is wrong with it."""

    field: str
    fault: ClockFault


_ANCIENT = (ClockProblem("occurred_at", ClockFault.ANCIENT),)


class EventTime(Struct, frozen=True):
    """When an event happened (`at`, in UTC), how long it then waited to be sent, and what is wrong with its times.

    `lag` is None where that cannot be told.
    """

    at: datetime
    lag: timedelta | None = None
    problems: tuple[ClockProblem, ...] = ()

    @property
    def is_reliable(self) -> bool:
        """Whether the event can be dated: one from the future or from long ago is evidence of nothing.

        One without a time, or with one that nobody can read, counts as having happened when it was received.
        """
        return not self.problems or all(problem.fault is ClockFault.UNREADABLE for problem in self.problems)

    @property
    def is_late(self) -> bool:
        """Whether it waited for more than a day."""
        return self.lag is not None and self.lag > LATE_AFTER


def read_event_time(
    occurred_at: Any, sent_at: Any, received_at: datetime, *, is_history: bool = False, is_dry_run: bool = False
) -> EventTime:
    """Return when an event happened: received − (sent − occurred), else when it was received.

    Where both were written by one clock, what it is wrong by cancels out. An event that does not say when it was sent
    was sent when it was received; in a dry run nothing was, so that nothing is said of its age. `occurred_at` and
    `sent_at` may be any JSON value; `received_at` is in UTC. History happened when it says it did.
    """
    if occurred_at is None and sent_at is None:
        return EventTime(received_at)
    occurred = None if occurred_at is None else read_time(occurred_at)
    sent = None if sent_at is None else _read_sent_time(sent_at)
    if occurred is not None and sent is not None and not is_history:
        lag = sent - occurred
        if _ZERO <= lag <= MAX_LAG and sent - received_at <= MAX_AHEAD:  # nearly all events
            return EventTime(received_at - lag, lag)
    problems = _problems(occurred_at, occurred, sent_at, sent, received_at)
    if occurred is None:
        return EventTime(received_at, None, problems)
    if is_history:
        is_ahead = occurred - received_at > MAX_AHEAD
        return EventTime(received_at if is_ahead else occurred.astimezone(UTC), None, problems)
    if sent is None:
        if sent_at is not None or is_dry_run:
            return EventTime(received_at, None, problems)
        sent = received_at
    lag = sent - occurred
    if lag < _ZERO:
        # What happened after it was sent was sent by another clock, or with a time of sending from before.
        is_ancient = -lag > MAX_AHEAD and received_at - occurred > MAX_LAG
        return EventTime(received_at, None, problems or (_ANCIENT if is_ancient else ()))
    if lag <= MAX_LAG:
        return EventTime(received_at - lag, lag, problems)
    return EventTime(received_at, lag, problems or _ANCIENT)


def _problems(
    occurred_at: Any, occurred: datetime | None, sent_at: Any, sent: datetime | None, received_at: datetime
) -> tuple[ClockProblem, ...]:
    """Return what is wrong with the times by themselves."""
    problems = []
    for field, value, moment in (("occurred_at", occurred_at, occurred), ("sent_at", sent_at, sent)):
        if moment is None:
            if value is not None:
                problems.append(ClockProblem(field, ClockFault.UNREADABLE))
        elif moment - received_at > MAX_AHEAD:
            problems.append(ClockProblem(field, ClockFault.FUTURE))
    return tuple(problems)


def read_time(value: Any) -> datetime | None:
    """Return a time as events write it, None where it is none: ISO 8601, or (milli-, micro-, nano-)seconds since 1970.

    A text without an offset is UTC. SDKs write texts; the numbers of other formats are told apart by their size.
    """
    if isinstance(value, str):
        if len(value) > MAX_TEXT_LENGTH:
            return None
        if len(value) > len("20261127") and value.isdecimal() and value.isascii():
            return _from_epoch(int(value))
        if not _TIME_TEXT.fullmatch(value):
            return None  # Python takes any character between date and time, NUL among them
        try:
            moment = datetime.fromisoformat(value.upper())  # RFC 3339 allows a small t and z
            return _checked(moment) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_epoch(value)
    return None


def _checked(moment: datetime) -> datetime:
    """Return a time that has a place in the calendar of UTC too; raises OverflowError for any other."""
    if moment.year in (1, 9999):
        moment.astimezone(UTC)
    return moment


def _from_epoch(number: float) -> datetime | None:
    if not _EPOCH_UNITS[0][0] <= number < _EPOCH_END:
        return None
    divisor = next(divisor for least, divisor in reversed(_EPOCH_UNITS) if number >= least)
    return datetime.fromtimestamp(number / divisor, UTC)


@lru_cache(maxsize=1024)
def _read_sent_text(text: str) -> datetime | None:
    return read_time(text)


def _read_sent_time(value: Any) -> datetime | None:
    """Read the time of sending, which the events of a batch share."""
    return _read_sent_text(value) if type(value) is str and len(value) <= MAX_TEXT_LENGTH else read_time(value)
